// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.List;
import java.util.Map;
import org.luo.Compatible;
import org.luo.LuoException;
import org.osgi.annotation.versioning.ProviderType;

/** What the orchestrator offers a handover before the live update. */
@ProviderType
public interface OutgoingSide {
    /**
     * The formats that the successor must read, each with what is kept in it, such as {@code vm1/0x2}, or
     * {@code flb hugetlb-v1}.
     *
     * <p>Context: outside the blackout; may have changed by the time of the freeze, so the successor checks again.
     */
    Map<Compatible, List<String>> needs();

    /**
     * A phase has ended, for those who watch. Context: never in the blackout.
     *
     * @param name such as {@code boot}
     * @param nanos how long it took
     */
    default void ended(String name, long nanos) {}

    /** How many live updates led to this process. */
    long liveUpdates();

    /** Warms up everything that {@link #freeze} runs, once: the more often called, the warmer. Changes nothing. */
    void rehearse();

    /**
     * Writes what would go over now, so that most of it can be passed before the freeze.
     *
     * <p>Context: outside the blackout; waits for each session's callbacks, one session at a time. Undo: {@link
     * Draft#close()}.
     *
     * @throws LuoException EMFILE if there is no room for one more fd for each that would go over · ENOMEM; the freeze
     *     can do without
     */
    Draft draft() throws LuoException;

    /**
     * Lists the files that would go over now, for a handover that has to ask of each whether it can cross.
     *
     * <p>Context: outside the blackout; waits for each session's callbacks, one session at a time, and asks each file's
     * handler. Undo: {@link PassengerList#close()}.
     *
     * @throws LuoException EMFILE if there is no room for the fds that it keeps · EFBIG if the image would be longer than
     *     one may get · ENOMEM
     */
    PassengerList passengers() throws LuoException;

    /**
     * As {@link #freeze()}, but the image says only what is not as in a draft that the successor has taken.
     *
     * @param taken what the successor's {@link IncomingSide#anticipate} has taken
     */
    Frozen freeze(Draft taken) throws LuoException;

    /**
     * As {@link #freeze()}, for a kexec. The image is whole and has only what outlives this kernel: no socket of a door,
     * and of a file that is left behind what is given instead.
     *
     * @param left the files that are left behind; those that are not there are of no account
     * @throws LuoException as {@link #freeze()} · EOPNOTSUPP naming what else has open files that can't cross; everything
     *     is unfrozen again
     */
    Frozen freezeForKernel(Map<FileName, Substitute> left) throws LuoException;

    /**
     * Stops all session calls, freezes every file in order and writes the image.
     *
     * <p>Context: the blackout begins here. The calling thread must also be the one that ends the freeze.
     *
     * <p>Undo: {@link Frozen#unfreeze()}.
     *
     * @throws LuoException the errno of the callback that failed, or EAGAIN naming orphaned files, or EBUSY naming
     *     retrieved and unfinished sessions; everything is unfrozen again
     */
    Frozen freeze() throws LuoException;
}
