// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.daemon.internal.SocketFile;
import org.luo.linux.Fds;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

/**
 * Opens a scratch door and lets a client create a session: what the blackout then runs of the real one has been loaded
 * and linked.
 */
final class Rehearsal {
    private static final long PATIENCE_MILLIS = 2_000;
    private static final int HEADER = 8;

    /** So many that, with every rehearsal of a handover, it gets compiled. */
    private static final int FREEZES = 20;

    private Rehearsal() {}

    /** Does nothing. */
    private record NoSession(SessionName name) implements OutgoingSession {
        @Override
        public void preserve(int fd, Token token) {}

        @Override
        public void unpreserve(Token token) {}

        @Override
        public void close() {}
    }

    private static final Sessions SESSIONS = new Sessions() {
        @Override
        public OutgoingSession create(SessionName name) {
            return new NoSession(name);
        }

        @Override
        public IncomingSession retrieve(SessionName name) throws LuoException {
            throw LuoException.of(Errno.ENOENT, "retrieve session '" + name + "' in a rehearsal");
        }
    };

    /**
     * Runs it.
     *
     * @param scratch not open; closed then
     * @param socket its socket, free and for nobody else
     */
    static void run(DeviceDoor scratch, SocketFile socket) throws LuoException {
        scratch.sessions(SESSIONS);
        try (UnixSocket listening = UnixSocket.listen(UnixSocket.Type.SEQPACKET, socket.path(), 1)) {
            PluginState state = new Inherited(listening, List.of()).state();
            scratch.open(Optional.of(PluginState.of(state.data(), Fds.duplicate(listening.fd()))));
            try (UnixSocket client = UnixSocket.connect(UnixSocket.Type.SEQPACKET, socket.path())) {
                client.setReceiveTimeout(PATIENCE_MILLIS);
                client.receive(new byte[Integer.BYTES]);
                Received created = call(client, Command.CREATE_SESSION);
                for (int fd : created.fds()) {
                    try (UnixSocket session = UnixSocket.adopt(fd)) {
                        call(session, Command.GET_NAME);
                    }
                }
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

    private static Received call(UnixSocket socket, Command command) throws LuoException {
        ByteBuffer request = ByteBuffer.allocate(HEADER + command.size()).order(ByteOrder.LITTLE_ENDIAN);
        request.putInt(command.code()).putInt(0).putInt(command.size());
        if (command == Command.CREATE_SESSION) {
            request.put(2 * HEADER, (byte) 'r');
        }
        try (UnixSocket.Pair reply = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            reply.one().setReceiveTimeout(PATIENCE_MILLIS);
            socket.send(request.array(), reply.other().fd());
            return reply.one().receive(new byte[Integer.BYTES + command.size()]);
        }
    }
}
