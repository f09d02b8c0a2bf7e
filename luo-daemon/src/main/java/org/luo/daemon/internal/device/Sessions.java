// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.List;
import org.luo.CallbackInfo;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.SessionName;

/** What the device needs of the orchestrator. */
interface Sessions {
    /** See {@link Orchestrator#createSession}. */
    OutgoingSession create(SessionName name) throws LuoException;

    /** See {@link Orchestrator#retrieveSession}. */
    IncomingSession retrieve(SessionName name) throws LuoException;

    /** See {@link Orchestrator#callbacks}. */
    default List<CallbackInfo> callbacks() {
        return List.of();
    }

    /** Those of an orchestrator. */
    static Sessions of(Orchestrator orchestrator) {
        return new Sessions() {
            @Override
            public OutgoingSession create(SessionName name) throws LuoException {
                return orchestrator.createSession(name);
            }

            @Override
            public IncomingSession retrieve(SessionName name) throws LuoException {
                return orchestrator.retrieveSession(name);
            }

            @Override
            public List<CallbackInfo> callbacks() {
                return orchestrator.callbacks();
            }
        };
    }
}
