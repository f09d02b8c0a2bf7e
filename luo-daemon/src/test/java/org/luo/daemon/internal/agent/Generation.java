// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.core.internal.Core;
import org.luo.core.internal.OrchestratorImpl;
import org.luo.core.internal.Owner;
import org.luo.core.internal.Registration;
import org.luo.daemon.internal.device.DeviceAccess;
import org.luo.daemon.internal.device.DeviceDoor;
import org.luo.handler.memfd.MemfdHandler;
import org.luo.handover.Handover;
import org.luo.linux.UnixSocket;
import org.luo.linux.internal.LinuxFileDescriptors;
import org.luo.pin.PinTable;
import org.luo.testkit.InMemoryHandover;

/** A platform: a core with real files, and the doors of the device and of the agent. */
final class Generation implements Core.Host, AutoCloseable {
    private final Map<String, Handover> handovers = new HashMap<>();
    private final DeviceDoor device;
    private final Path dir;
    private final Server.Peers peers;
    final LinuxFileDescriptors fds = new LinuxFileDescriptors();
    final AgentDoor door;
    final Core core;
    final Orchestrator orchestrator;

    private Generation(Path dir, Server.Peers peers) throws LuoException {
        this.dir = dir;
        this.peers = peers;
        device = DeviceAccess.door(dir);
        door = new AgentDoor(dir.resolve(AgentDoor.SOCKET), AgentDoor.mode("600"), true, device, peers);
        core = new Core(fds, new PinTable(bundle -> Set.of()), new Owner(1, "core [1]"), this);
        orchestrator = new OrchestratorImpl(core, handovers::get);
        core.handlers().add(Registration.of(new MemfdHandler(), new Owner(2, "memfd [2]")));
        core.doors().add(device);
        core.doors().add(door);
        core.subsystems().add(Registration.of(door, new Owner(3, "daemon [3]")));
    }

    /** The first one, serving. */
    static Generation start(Path dir) throws LuoException {
        return start(dir, UnixSocket::peer);
    }

    /** The first one, which is told by somebody else who its clients are. */
    static Generation start(Path dir, Server.Peers peers) throws LuoException {
        Generation first = new Generation(dir, peers);
        first.core.serve();
        first.core.publish();
        return first;
    }

    /** One that stands by. */
    Generation successor() throws LuoException {
        Generation successor = new Generation(dir, peers);
        successor.door.standBy();
        return successor;
    }

    /** Hands over in this process; then the successor serves. */
    Generation update() throws LuoException {
        Generation successor = successor();
        try {
            update(to(successor));
            return successor;
        } catch (LuoException e) {
            successor.close();
            throw e;
        }
    }

    InMemoryHandover to(Generation successor) {
        return new InMemoryHandover(fds, successor.core.incoming());
    }

    void update(Handover handover) throws LuoException {
        handovers.put(handover.kind(), handover);
        orchestrator.update(handover.kind(), Map.of());
    }

    @Override
    public void serving() {
        DeviceAccess.serve(device, orchestrator);
        door.setOrchestrator(orchestrator);
    }

    @Override
    public void relinquished() {
        close();
    }

    @Override
    public void close() {
        core.doors().remove(device);
        core.doors().remove(door);
        door.close();
    }
}
