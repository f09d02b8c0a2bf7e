// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Door;
import org.luo.handover.IncomingSide;
import org.luo.linux.Fds;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The administration socket, {@code admin.sock} in the run directory, mode 0600.
 *
 * <p>Happy path: open → freeze → close, and the successor's door opens with the listening socket. Unhappy: freeze →
 * unfreeze. It can be opened again after {@link #close}. What crosses over is the listening socket and no byte;
 * connections stay behind, and clients of those connect again (see {@link Protocol}).
 */
@Component(service = Door.class)
public final class AdminDoor implements Door {
    static final String SOCKET = "admin.sock";
    static final Connections.Limits LIMITS = new Connections.Limits(64, new LineReader.Patience(600_000, 30_000));

    private static final Logger LOG = LoggerFactory.getLogger("luo.admin");
    private static final String DIR = "luo.dir";
    private static final int BACKLOG = 128;

    private final Path path;
    private final CommandTable commands;
    private final Connections.Limits limits;
    private Acceptor acceptor; // guarded by this

    /** @param context has the run directory in the property {@code luo.dir} */
    @Activate
    public AdminDoor(BundleContext context, @Reference CommandTable commands) {
        this(Path.of(context.getProperty(DIR)), commands, LIMITS);
        if (Boolean.parseBoolean(context.getProperty(IncomingSide.STANDBY))) {
            rehearse();
        }
    }

    AdminDoor(Path dir, CommandTable commands, Connections.Limits limits) {
        this.path = dir.resolve(SOCKET);
        this.commands = commands;
        this.limits = limits;
    }

    @Override
    public String name() {
        return "admin";
    }

    @Override
    public synchronized void open(Optional<PluginState> inherited) throws LuoException {
        UnixSocket socket = inherited.isPresent() ? adopt(inherited.get().fds()) : listen();
        try {
            acceptor = new Acceptor(socket, commands, limits);
        } catch (LuoException e) {
            socket.close();
            throw e;
        }
        acceptor.start();
        LOG.info("{} at {}", inherited.isPresent() ? "carrying on" : "listening", path);
    }

    private void rehearse() {
        try {
            Rehearsal.run(sibling("rehearsal"), commands, limits);
        } catch (LuoException e) {
            LOG.warn("not rehearsed, so the first live update takes longer: {}", e.getMessage());
        }
    }

    private Path sibling(String purpose) {
        return path.resolveSibling("." + purpose + "." + ProcessHandle.current().pid());
    }

    @Override
    public synchronized PluginState freeze() throws LuoException {
        if (acceptor == null) {
            throw LuoException.of(Errno.EINVAL, "freeze door admin: it is not open");
        }
        acceptor.freeze();
        return PluginState.of(new byte[0], acceptor.fd());
    }

    @Override
    public synchronized void unfreeze() {
        if (acceptor != null) {
            acceptor.unfreeze();
        }
    }

    @Override
    @Deactivate
    public void close() {
        Acceptor closing;
        synchronized (this) {
            closing = acceptor;
            acceptor = null;
        }
        if (closing != null && !closing.close()) {
            unlink(path); // after a handover it is the successor's
        }
    }

    private static void unlink(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} stays behind: {}", file, e.getMessage());
        }
    }

    private static UnixSocket adopt(List<Integer> fds) throws LuoException {
        try {
            if (fds.size() == 1) {
                return UnixSocket.adopt(fds.getFirst());
            }
            throw LuoException.of(Errno.EBADMSG, "open door admin: inherited " + fds.size() + " fds, not 1");
        } catch (LuoException e) {
            fds.forEach(Fds::close);
            throw e;
        }
    }

    /** Nobody can connect before the mode is right: until then the socket has another name. */
    private UnixSocket listen() throws LuoException {
        refuseIfAnswered();
        Path unready = sibling(SOCKET);
        UnixSocket socket = null;
        try {
            Files.deleteIfExists(unready);
            socket = UnixSocket.listen(UnixSocket.Type.STREAM, unready, BACKLOG);
            Files.setPosixFilePermissions(unready, PosixFilePermissions.fromString("rw-------"));
            Files.move(unready, path, StandardCopyOption.ATOMIC_MOVE);
            return socket;
        } catch (IOException e) {
            if (socket != null) {
                socket.close();
                unlink(unready);
            }
            throw LuoException.of(Errno.EIO, "open door admin: " + e, e);
        }
    }

    private void refuseIfAnswered() throws LuoException {
        if (!Files.exists(path)) {
            return;
        }
        try (UnixSocket other = UnixSocket.connect(UnixSocket.Type.STREAM, path)) {
            throw LuoException.of(
                    Errno.EADDRINUSE, "open door admin: process " + other.peer().pid() + " answers at " + path);
        } catch (LuoException e) {
            if (e.errno() != Errno.ECONNREFUSED && e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
