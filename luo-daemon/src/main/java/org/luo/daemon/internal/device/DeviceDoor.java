// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.Session;
import org.luo.daemon.internal.RunDirectory;
import org.luo.daemon.internal.SocketFile;
import org.luo.handover.Door;
import org.luo.handover.IncomingSide;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;
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
 * The kernel's {@code /dev/liveupdate}, emulated: a socket {@code liveupdate} in the run directory, mode 0600, and the
 * sessions' fds. The wire is described in docs/wire.md.
 *
 * <p>Happy path: open → freeze → close, and the successor's door opens with the listening socket and the open device.
 * Unhappy: freeze → unfreeze. It can be opened again after {@link #close}.
 */
@Component(service = {Door.class, SessionFds.class})
public final class DeviceDoor implements Door, SessionFds {
    static final String SOCKET = "liveupdate";

    private static final Logger LOG = LoggerFactory.getLogger("luo.device");
    private static final String ENABLED = "luo.enabled";
    private static final int BACKLOG = 1024;

    private final SocketFile file;
    private final boolean enabled;

    // Guarded by this.
    private Device device;
    private Device standby;
    private Sessions sessions;

    /** @param context has the run directory in {@code luo.dir}; {@code luo.enabled} may be false */
    @Activate
    public DeviceDoor(BundleContext context) throws LuoException {
        this(RunDirectory.of(context), !"false".equals(context.getProperty(ENABLED)));
        if (Boolean.parseBoolean(context.getProperty(IncomingSide.STANDBY))) {
            rehearse();
            standBy();
        }
    }

    DeviceDoor(Path dir, boolean enabled) {
        this(new SocketFile("device", dir.resolve(SOCKET), UnixSocket.Type.SEQPACKET), enabled);
    }

    private DeviceDoor(SocketFile file, boolean enabled) {
        this.file = file;
        this.enabled = enabled;
    }

    /** Threads and epolls are there before the blackout. */
    private synchronized void standBy() {
        try {
            standby = new Device(enabled, sessions);
        } catch (LuoException e) {
            LOG.warn("not ready to open at once: {}", e.getMessage());
        }
    }

    @Override
    public void rehearse() {
        SocketFile scratch = file.scratch();
        try {
            Rehearsal.run(new DeviceDoor(scratch, true), scratch);
        } catch (LuoException e) {
            LOG.warn("not rehearsed, so the first live update takes longer: {}", e.getMessage());
        }
    }

    /** The orchestrator has come: requests are taken up. Doors open a moment before. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void setOrchestrator(Orchestrator orchestrator) {
        sessions(Sessions.of(orchestrator));
    }

    /** It has gone: requests wait in their sockets. */
    void unsetOrchestrator(Orchestrator orchestrator) {
        sessions(null);
    }

    synchronized void sessions(Sessions present) {
        sessions = present;
        if (device != null) {
            device.sessions(present);
        }
    }

    @Override
    public String name() {
        return "device";
    }

    @Override
    public synchronized void open(Optional<PluginState> inherited) throws LuoException {
        Inherited sockets =
                inherited.isPresent() ? Inherited.of(inherited.get()) : new Inherited(file.listen(BACKLOG), List.of());
        Device opening = standby;
        standby = null;
        try {
            if (opening == null) {
                opening = new Device(enabled, sessions);
            }
            opening.open(sockets);
        } catch (LuoException | RuntimeException | Error e) {
            if (opening != null) {
                opening.close();
            }
            sockets.close();
            throw e;
        }
        device = opening;
        if (inherited.isEmpty()) {
            LOG.info("listening at {}", file.path());
        }
    }

    @Override
    public PluginState freeze() throws LuoException {
        return opened().freeze();
    }

    @Override
    public void settle() {
        Device open;
        synchronized (this) {
            open = device;
        }
        if (open != null) {
            open.reaper().reap(new Exchange());
        }
    }

    @Override
    public synchronized void unfreeze() {
        if (device != null) {
            device.unfreeze();
        }
    }

    @Override
    public int open(Session session) throws LuoException {
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        try {
            opened().serve(pair.one(), session);
        } catch (LuoException e) {
            pair.close();
            throw e;
        }
        return pair.other().release();
    }

    private synchronized Device opened() throws LuoException {
        if (device == null) {
            throw LuoException.of(Errno.EAGAIN, "door device is not open");
        }
        return device;
    }

    @Override
    @Deactivate
    public void close() {
        Device closing;
        synchronized (this) {
            if (standby != null) {
                standby.close();
                standby = null;
            }
            closing = device;
            device = null;
        }
        if (closing != null && !closing.close()) {
            file.unlink(); // after a handover it is the successor's
        }
    }
}
