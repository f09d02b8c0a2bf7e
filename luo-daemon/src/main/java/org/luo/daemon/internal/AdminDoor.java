// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.nio.file.Path;
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
    private static final int BACKLOG = 128;
    private static final long LAST_WORDS_MILLIS = 1_000;

    private final SocketFile file;
    private final CommandTable commands;
    private final Connections.Limits limits;
    private Acceptor acceptor; // guarded by this

    /** @param context has the run directory in the property {@code luo.dir} */
    @Activate
    public AdminDoor(BundleContext context, @Reference CommandTable commands) throws LuoException {
        this(RunDirectory.of(context), commands, LIMITS);
        if (Boolean.parseBoolean(context.getProperty(IncomingSide.STANDBY))) {
            rehearse();
            standBy();
        }
    }

    /** The threads are there before the blackout. */
    private synchronized void standBy() {
        try {
            acceptor = new Acceptor(commands, limits);
        } catch (LuoException e) {
            LOG.warn("not ready to open at once: {}", e.getMessage());
        }
    }

    AdminDoor(Path dir, CommandTable commands, Connections.Limits limits) {
        this(new SocketFile("admin", dir.resolve(SOCKET), UnixSocket.Type.STREAM), commands, limits);
    }

    private AdminDoor(SocketFile file, CommandTable commands, Connections.Limits limits) {
        this.file = file;
        this.commands = commands;
        this.limits = limits;
    }

    @Override
    public String name() {
        return "admin";
    }

    /** Whoever froze everything may want to take it back. */
    @Override
    public boolean servesWhileFrozen() {
        return true;
    }

    @Override
    public synchronized void open(Optional<PluginState> inherited) throws LuoException {
        UnixSocket socket = inherited.isPresent() ? adopt(inherited.get().fds()) : file.listen(BACKLOG);
        try {
            if (acceptor == null) {
                acceptor = new Acceptor(commands, limits);
            }
            acceptor.listen(socket);
        } catch (LuoException | RuntimeException | Error e) {
            socket.close();
            throw e;
        }
        if (inherited.isEmpty()) {
            LOG.info("listening at {}", file.path());
        }
    }

    @Override
    public void rehearse() {
        SocketFile scratch = file.scratch();
        try {
            Rehearsal.run(new AdminDoor(scratch, commands, limits), scratch);
        } catch (LuoException e) {
            LOG.warn("not rehearsed, so the first live update takes longer: {}", e.getMessage());
        }
    }

    @Override
    public synchronized PluginState freeze() throws LuoException {
        if (acceptor == null || !acceptor.isListening()) {
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

    /** Closes it, and lets those who follow events hear why. */
    @Deactivate
    void deactivate() {
        close();
        commands.awaitEndOfFollowing(LAST_WORDS_MILLIS);
    }

    @Override
    public void close() {
        Acceptor closing;
        synchronized (this) {
            closing = acceptor;
            acceptor = null;
        }
        if (closing != null && !closing.close() && closing.isListening()) {
            file.unlink(); // after a handover it is the successor's
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
}
