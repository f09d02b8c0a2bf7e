// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.luo.Direction;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.Session;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.daemon.internal.device.SessionFds;

/** What the agent needs of the orchestrator, and of the device. */
interface Sessions {
    /** See {@link Orchestrator#createSession}. */
    OutgoingSession create(SessionName name) throws LuoException;

    /** See {@link Orchestrator#retrieveSession}. */
    IncomingSession retrieve(SessionName name) throws LuoException;

    /** The names of all sessions that go in this direction. */
    Set<SessionName> names(Direction direction);

    /** The names of the incoming sessions that nobody has retrieved. */
    Set<SessionName> unclaimed();

    /** See {@link SessionFds#open}. */
    int fd(Session session) throws LuoException;

    /** Those of an orchestrator. */
    static Sessions of(Orchestrator orchestrator, SessionFds fds) {
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
            public Set<SessionName> names(Direction direction) {
                return names(session -> session.direction() == direction);
            }

            @Override
            public Set<SessionName> unclaimed() {
                return names(session -> session.direction() == Direction.INCOMING && !session.claimed());
            }

            private Set<SessionName> names(Predicate<SessionInfo> wanted) {
                return orchestrator.sessions().stream()
                        .filter(wanted)
                        .map(SessionInfo::name)
                        .collect(Collectors.toSet());
            }

            @Override
            public int fd(Session session) throws LuoException {
                return fds.open(session);
            }
        };
    }
}
