// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.luo.LuoException;
import org.luo.handover.Door;
import org.luo.linux.Fds;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

/** Opens a scratch door and lets a client in: what the blackout then runs of the real one has been loaded and linked. */
final class Rehearsal {
    private static final byte[] REQUEST = "{\"command\":\"commands\"}\n".getBytes(StandardCharsets.UTF_8);

    /** So many that, with every rehearsal of a handover, it gets compiled. */
    private static final int FREEZES = 20;

    private Rehearsal() {}

    /**
     * Runs it.
     *
     * @param scratch not open; closed then
     * @param socket its socket, free and for nobody else
     */
    static void run(Door scratch, SocketFile socket) throws LuoException {
        try (UnixSocket listening = UnixSocket.listen(UnixSocket.Type.STREAM, socket.path(), 1)) {
            scratch.open(Optional.of(PluginState.of(new byte[0], Fds.duplicate(listening.fd()))));
            try (UnixSocket client = UnixSocket.connect(UnixSocket.Type.STREAM, socket.path())) {
                client.write(REQUEST, 0, REQUEST.length);
                client.read(new byte[1], 0, 1);
                for (int i = 0; i < FREEZES; i++) {
                    scratch.freeze();
                    scratch.unfreeze();
                }
            } finally {
                scratch.close();
            }
        } finally {
            socket.unlink(); // unless the door has done so
        }
    }
}
