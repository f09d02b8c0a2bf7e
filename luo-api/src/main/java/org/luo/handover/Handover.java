// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One way to replace the software underneath: by a successor process, or by a kexec. An OSGi service; the orchestrator
 * picks it by kind.
 */
@ConsumerType
public interface Handover {
    /** {@code process} or {@code kernel}. Constant. */
    String kind();

    /**
     * Carries the outgoing side over.
     *
     * <p>Context: one at a time. Ends in exactly one of two ways: it returns, after {@link Frozen#relinquish}, and the
     * successor owns everything; or it throws, after {@link Frozen#unfreeze} if it froze, no successor is left and this
     * process owns everything.
     *
     * @param outgoing what there is to carry
     * @param options by name; one that this handover does not know is EINVAL
     * @throws LuoException why it did not happen
     */
    UpdateReport handOver(OutgoingSide outgoing, Map<String, String> options) throws LuoException;

    /**
     * Finds out whether a successor could take everything, without freezing anything, and leaves none behind.
     *
     * <p>Context: one at a time, and none during {@link #handOver}.
     *
     * @throws LuoException why it could not · EOPNOTSUPP if this handover can't tell
     */
    default void check(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
        throw LuoException.of(Errno.EOPNOTSUPP, "handover " + kind() + " can't tell beforehand");
    }

    /**
     * The thread in {@link #handOver} or {@link #check} hangs in a plug-in's callback and does not come back in time:
     * ends the successor, if there is one. Everything else stays as it is until that thread returns.
     *
     * <p>Context: called from another thread, before the commit.
     */
    default void giveUp() {}
}
