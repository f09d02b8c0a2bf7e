// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.Orchestrator;

/** What the commands about live updates need of the platform. */
interface Orchestration {
    /** @throws LuoException EAGAIN if this process owns no sessions: it stands by, or has handed over */
    Orchestrator orchestrator() throws LuoException;

    /** Has a listener told what happens from now on. Undo: running what comes back. */
    Runnable listen(LiveUpdateListener listener);
}
