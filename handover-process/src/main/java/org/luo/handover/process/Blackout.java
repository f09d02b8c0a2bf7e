// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import org.luo.LuoException;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.handover.Phases;
import org.luo.handover.process.OutgoingPass.Ready;

/**
 * What lies between the freeze and the successor's confirmation, from the predecessor's side. Rehearsals run it as well:
 * a line that is executed for the first time costs up to 0.1 ms, since what it refers to is looked up then.
 */
final class Blackout {
    private final OutgoingPass pass;
    private final Phases phases;
    private boolean committed;

    Blackout(OutgoingPass pass, Phases phases) {
        this.pass = pass;
        this.phases = phases;
    }

    /**
     * Passes what is frozen and hands it over.
     *
     * @throws LuoException why it did not happen, unless it {@link #isCommitted}: then the successor may be the owner
     */
    void run(Frozen frozen) throws LuoException {
        Image image = frozen.image();
        phases.endBlackout("freeze");
        pass.pass(image);
        phases.endBlackout("pass");
        frozen.fence();
        Ready ready = pass.awaitReady();
        phases.endBlackout("receive", "deserialize", ready.deserializeNanos());
        committed = true;
        pass.commit();
        phases.endBlackout("commit");
    }

    /** Whether the successor is the owner, or may be until it is dead. */
    boolean isCommitted() {
        return committed;
    }
}
