// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Session;
import org.luo.SessionName;
import org.luo.daemon.internal.SocketFile;
import org.luo.daemon.internal.agent.Claims.Owner;
import org.luo.linux.Fds;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

/** Opens a scratch door and lets a client in: what the blackout then runs of the real one has been loaded and linked. */
final class Rehearsal {
    private static final long PATIENCE_MILLIS = 2_000;
    private static final byte[] REQUEST =
            "{\"cmd\":\"SUBSCRIBE\",\"id\":\"r\",\"ack\":true}\n".getBytes(StandardCharsets.UTF_8);

    private static final Sessions NONE = new Sessions() {
        @Override
        public OutgoingSession create(SessionName name) throws LuoException {
            throw LuoException.of(Errno.EOPNOTSUPP, "create a session in a rehearsal");
        }

        @Override
        public IncomingSession retrieve(SessionName name) throws LuoException {
            throw LuoException.of(Errno.ENOENT, "retrieve a session in a rehearsal");
        }

        @Override
        public Set<SessionName> names(Direction direction) {
            return Set.of();
        }

        @Override
        public Set<SessionName> unclaimed() {
            return Set.of();
        }

        @Override
        public int fd(Session session) throws LuoException {
            throw LuoException.of(Errno.EAGAIN, "open a session in a rehearsal");
        }
    };

    /** So many that, with every rehearsal of a handover, it gets compiled. */
    private static final int FREEZES = 20;

    private Rehearsal() {}

    /**
     * Runs it.
     *
     * @param scratch not open; closed then
     * @param socket its socket, free and for nobody else
     */
    static void run(AgentDoor scratch, SocketFile socket) throws LuoException {
        scratch.sessions(NONE);
        try (UnixSocket listening = UnixSocket.listen(UnixSocket.Type.STREAM, socket.path(), 1)) {
            byte[] data = Inherited.data(List.of(new Owner(SessionName.of("came over"), 0)));
            scratch.open(Optional.of(PluginState.of(data, Fds.duplicate(listening.fd()))));
            try (UnixSocket client = UnixSocket.connect(UnixSocket.Type.STREAM, socket.path())) {
                client.setReceiveTimeout(PATIENCE_MILLIS);
                client.write(REQUEST, 0, REQUEST.length);
                client.read(new byte[1], 0, 1);
                for (int i = 0; i < FREEZES; i++) {
                    scratch.freeze();
                    scratch.unfreeze();
                }
            }
        } finally {
            scratch.close();
            socket.unlink(); // unless the door has done so
        }
    }
}
