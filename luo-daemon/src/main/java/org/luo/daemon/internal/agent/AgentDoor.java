// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.daemon.internal.RunDirectory;
import org.luo.daemon.internal.SocketFile;
import org.luo.daemon.internal.device.SessionFds;
import org.luo.handover.Door;
import org.luo.handover.IncomingSide;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;
import org.luo.spi.Subsystem;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's socket, {@code agent.sock} in the run directory, mode 0600. The wire is described in docs/agent.md.
 *
 * <p>Framework properties: {@code luo.agent.socket} is another path, {@code luo.agent.mode} another mode, in octal.
 *
 * <p>Happy path: open → prepare → freeze → close, and the successor's door opens with the listening socket and the
 * names of those who may claim. Unhappy: prepare → cancel, freeze → cancel → unfreeze. Connections stay behind.
 */
@Component(service = {Door.class, Subsystem.class})
public final class AgentDoor implements Door, Subsystem {
    static final String SOCKET = "agent.sock";

    private static final Logger LOG = LoggerFactory.getLogger("luo.agent");
    private static final String NAME = "agent";
    private static final String PATH = "luo.agent.socket";
    private static final String MODE = "luo.agent.mode";
    private static final String ENABLED = "luo.enabled";
    private static final int BACKLOG = 1024;

    private final SocketFile file;
    private final Set<PosixFilePermission> mode;
    private final SessionFds fds;
    private final boolean enabled;
    private final Server.Peers peers;

    // Guarded by this.
    private Server server;
    private boolean open;
    private Sessions sessions;

    /** @param context has the run directory in {@code luo.dir} */
    @Activate
    public AgentDoor(BundleContext context, @Reference SessionFds fds) throws LuoException {
        this(
                new SocketFile(NAME, path(context), UnixSocket.Type.STREAM),
                mode(Optional.ofNullable(context.getProperty(MODE)).orElse("600")),
                !"false".equals(context.getProperty(ENABLED)),
                fds,
                UnixSocket::peer);
        if (Boolean.parseBoolean(context.getProperty(IncomingSide.STANDBY))) {
            standBy();
        }
    }

    AgentDoor(Path path, Set<PosixFilePermission> mode, boolean enabled, SessionFds fds, Server.Peers peers) {
        this(new SocketFile(NAME, path, UnixSocket.Type.STREAM), mode, enabled, fds, peers);
    }

    private AgentDoor(
            SocketFile file, Set<PosixFilePermission> mode, boolean enabled, SessionFds fds, Server.Peers peers) {
        this.file = file;
        this.mode = mode;
        this.enabled = enabled;
        this.fds = fds;
        this.peers = peers;
    }

    private static Path path(BundleContext context) throws LuoException {
        String path = context.getProperty(PATH);
        return path == null ? RunDirectory.of(context).resolve(SOCKET) : Path.of(path);
    }

    /** @throws LuoException EINVAL if it is no octal number up to 777 */
    static Set<PosixFilePermission> mode(String octal) throws LuoException {
        if (!octal.matches("0*[0-7]{3}")) {
            throw LuoException.of(
                    Errno.EINVAL, MODE + "='" + Request.shown(octal) + "': three octal digits are needed");
        }
        int bits = Integer.parseInt(octal, 8);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((bits & 0400 >> permission.ordinal()) != 0) { // in the order of their bits
                permissions.add(permission);
            }
        }
        return permissions;
    }

    /** There is time now: in the blackout a thread and its fds would be dear. */
    synchronized void standBy() {
        rehearse();
        try {
            server = new Server(new Agent(enabled), peers);
        } catch (LuoException e) {
            LOG.warn("not ready to open at once: {}", e.getMessage());
        }
    }

    @Override
    public void rehearse() {
        SocketFile scratch = file.scratch();
        try {
            Rehearsal.run(new AgentDoor(scratch, mode, true, fds, peers), scratch);
        } catch (LuoException e) {
            LOG.warn("not rehearsed, so the first live update takes longer: {}", e.getMessage());
        }
    }

    /** The orchestrator has come: requests are taken up. Doors open a moment before. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void setOrchestrator(Orchestrator orchestrator) {
        sessions(Sessions.of(orchestrator, fds));
    }

    /** It has gone: requests wait in their sockets. */
    void unsetOrchestrator(Orchestrator orchestrator) {
        sessions(null);
    }

    synchronized void sessions(Sessions present) {
        sessions = present;
        if (server != null) {
            server.agent().sessions(present);
            server.changed();
        }
        if (open && present != null) {
            LOG.info("serving at {}", file.path());
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Kind kind() {
        return Kind.GLOBAL;
    }

    @Override
    public synchronized void open(Optional<PluginState> inherited) throws LuoException {
        Inherited from = inherit(inherited);
        try {
            if (server == null) {
                server = new Server(new Agent(enabled), peers);
            }
            server.agent().inherit(from.owners());
            server.agent().sessions(sessions);
            server.listen(from.listening());
            open = true;
        } catch (LuoException | RuntimeException | Error e) {
            from.listening().close();
            throw e;
        }
    }

    private Inherited inherit(Optional<PluginState> inherited) throws LuoException {
        if (inherited.isPresent() && !inherited.get().fds().isEmpty()) {
            return Inherited.of(inherited.get());
        }
        List<Claims.Owner> owners =
                inherited.isPresent() ? Inherited.owners(inherited.get().data()) : List.of();
        return new Inherited(listen(), owners);
    }

    /** The mode is widened last, so that it never is too wide. */
    private UnixSocket listen() throws LuoException {
        UnixSocket socket = null;
        try {
            Files.createDirectories(file.path().toAbsolutePath().getParent());
            socket = file.listen(BACKLOG);
            Files.setPosixFilePermissions(file.path(), mode);
            return socket;
        } catch (IOException e) {
            if (socket != null) {
                socket.close();
                file.unlink();
            }
            throw LuoException.of(Errno.EIO, "open door agent at " + file.path() + ": " + e, e);
        }
    }

    @Override
    public PluginState freeze() throws LuoException {
        Server opened = opened();
        if (opened == null) {
            throw LuoException.of(Errno.EINVAL, "freeze door agent: it is not open");
        }
        int fd = opened.freeze();
        return PluginState.of(opened.agent().freeze(), fd);
    }

    /** Whose the sessions are; those who may claim them have to connect anew. */
    @Override
    public Optional<PluginState> acrossKernel(PluginState frozen) {
        return Optional.of(PluginState.of(frozen.data()));
    }

    /** Whose the sessions are, as over a kexec. */
    @Override
    public Optional<PluginState> acrossCrash() {
        Server opened = opened();
        return opened == null
                ? Optional.empty()
                : Optional.of(PluginState.of(Inherited.data(opened.agent().owners())));
    }

    @Override
    public void unfreeze() {
        Server opened = opened();
        if (opened != null) {
            opened.agent().unfreeze();
            opened.unfreeze();
        }
    }

    /**
     * Runs before the handover looks at what there is to take: what subscribers preserve is among it. Freezes for a
     * moment, so that it is quick when it counts.
     */
    @Override
    public PluginState prepare() throws LuoException {
        Server opened = opened();
        if (opened != null) {
            opened.agent().prepare();
            freeze();
            unfreeze();
        }
        return PluginState.empty();
    }

    @Override
    public void cancel(PluginState state) {
        Server opened = opened();
        if (opened != null) {
            opened.agent().cancel();
        }
    }

    /** Null if it is not. */
    private synchronized Server opened() {
        return open ? server : null;
    }

    @Override
    @Deactivate
    public void close() {
        Server closing;
        boolean listened;
        synchronized (this) {
            closing = server;
            listened = open;
            server = null;
            open = false;
        }
        if (closing != null && !closing.close() && listened) {
            file.unlink(); // after a handover it is the successor's
        }
    }
}
