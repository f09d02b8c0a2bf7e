// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.UnixSocket;

/**
 * Opens a door of its own and lets a client in, once, in a successor that stands by: what the blackout then runs has
 * been loaded and linked.
 */
final class Rehearsal {
    private static final byte[] REQUEST = "{\"command\":\"commands\"}\n".getBytes(StandardCharsets.UTF_8);

    private Rehearsal() {}

    /**
     * Runs it.
     *
     * @param path of a socket, free and for nobody else
     */
    static void run(Path path, CommandTable commands, Connections.Limits limits) throws LuoException {
        try (UnixSocket listening = UnixSocket.listen(UnixSocket.Type.STREAM, path, 1)) {
            Acceptor acceptor = new Acceptor(commands, limits);
            acceptor.listen(UnixSocket.adopt(Fds.duplicate(listening.fd())));
            try (UnixSocket client = UnixSocket.connect(UnixSocket.Type.STREAM, path)) {
                client.write(REQUEST, 0, REQUEST.length);
                client.read(new byte[1], 0, 1);
                acceptor.freeze();
                acceptor.unfreeze();
            } finally {
                acceptor.close();
            }
        } finally {
            FileIo.unlink(path);
        }
    }
}
