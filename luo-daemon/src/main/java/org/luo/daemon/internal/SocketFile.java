// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a door listens.
 *
 * @param door the door's name, for messages
 * @param path the socket's path; mode 0600
 * @param type how bytes flow
 */
public record SocketFile(String door, Path path, UnixSocket.Type type) {
    private static final Logger LOG = LoggerFactory.getLogger("luo.daemon");

    /**
     * Listens there, in place of a socket that nobody answers. Nobody can connect before the mode is right: until then
     * the socket has another name.
     *
     * <p>Undo: closing the socket, and {@link #unlink()}.
     *
     * @throws LuoException EADDRINUSE if somebody answers there · EIO · what listening says
     */
    public UnixSocket listen(int backlog) throws LuoException {
        refuseIfAnswered();
        Path unready = sibling(path.getFileName().toString());
        UnixSocket socket = null;
        try {
            Files.deleteIfExists(unready);
            socket = UnixSocket.listen(type, unready, backlog);
            Files.setPosixFilePermissions(unready, PosixFilePermissions.fromString("rw-------"));
            Files.move(unready, path, StandardCopyOption.ATOMIC_MOVE);
            return socket;
        } catch (IOException e) {
            if (socket != null) {
                socket.close();
                unlink(unready);
            }
            throw LuoException.of(Errno.EIO, "open door " + door + ": " + e, e);
        }
    }

    private void refuseIfAnswered() throws LuoException {
        if (!Files.exists(path)) {
            return;
        }
        try (UnixSocket other = UnixSocket.connect(type, path)) {
            throw LuoException.of(
                    Errno.EADDRINUSE,
                    "open door " + door + ": process " + other.peer().pid() + " answers at " + path);
        } catch (LuoException e) {
            if (e.errno() != Errno.ECONNREFUSED && e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Takes the path away. */
    public void unlink() {
        unlink(path);
    }

    private static void unlink(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} stays behind: {}", file, e.getMessage());
        }
    }

    /** One beside it for nobody else, to rehearse with. */
    public SocketFile scratch() {
        return new SocketFile(door, sibling(door), type);
    }

    /** A path beside it that is this process's own. */
    private Path sibling(String purpose) {
        return path.resolveSibling("." + purpose + "." + ProcessHandle.current().pid());
    }
}
