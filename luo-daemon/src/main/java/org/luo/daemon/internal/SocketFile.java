// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
    private static final int TYPE = 0170000;
    private static final int SOCKET = 0140000;

    /**
     * Listens there, in place of a socket that nobody answers. Nobody can connect before the mode is right: until then
     * the socket has another name.
     *
     * <p>Undo: closing the socket, and {@link #unlink()}.
     *
     * @throws LuoException EADDRINUSE if somebody answers there · EEXIST if something else is there · EIO · what listening
     *     says; with the remedy
     */
    public UnixSocket listen(int backlog) throws LuoException {
        Path unready = sibling(path.getFileName().toString());
        UnixSocket socket = null;
        try {
            refuseIfTaken();
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
            throw LuoException.of(Errno.EIO, attempt() + e, e);
        } catch (LuoException e) {
            throw withRemedy(e);
        }
    }

    private String attempt() {
        return "open door " + door + " at " + path + ": ";
    }

    private LuoException withRemedy(LuoException e) {
        String remedy = switch (e.errno()) {
            case ENAMETOOLONG ->
                "a socket's path can have 107 bytes, with what stands before its name until it is ready;"
                        + " choose a shorter directory";
            case EACCES, EPERM, EROFS -> "this user can't write there; make the directory writable, or choose another";
            case ENOENT -> "there is no such directory; make it";
            case EMFILE -> "this process has no fd left; raise its limit of open files (LimitNOFILE=, ulimit -n)";
            case ENFILE -> "the system has no open file left; raise /proc/sys/fs/file-max";
            case ENOSPC -> "no space left there; make room";
            default -> null;
        };
        return remedy == null ? e : LuoException.of(e.errno(), attempt() + remedy, e);
    }

    /** What is no socket is not ours to replace. */
    private void refuseIfTaken() throws IOException, LuoException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE) != SOCKET) {
            throw LuoException.of(
                    Errno.EEXIST, attempt() + "what is there is no socket; move it away, or choose another path");
        }
        refuseIfAnswered();
    }

    private void refuseIfAnswered() throws LuoException {
        try (UnixSocket other = UnixSocket.connect(type, path)) {
            throw LuoException.of(
                    Errno.EADDRINUSE,
                    attempt() + "process " + other.peer().pid() + " answers there; end it, or choose another path");
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
