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

    /** How many live updates led to this process. */
    long liveUpdates();

    /** Warms up everything that {@link #freeze} runs, once: the more often called, the warmer. Changes nothing. */
    void rehearse();

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
