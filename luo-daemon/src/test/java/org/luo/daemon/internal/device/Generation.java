// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

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
import org.luo.handler.memfd.MemfdHandler;
import org.luo.handover.Handover;
import org.luo.linux.internal.LinuxFileDescriptors;
import org.luo.pin.PinTable;
import org.luo.spi.FileHandler;
import org.luo.testkit.InMemoryHandover;

/** A platform: a core with real files, two handlers, and the device door. Several can follow each other in a process. */
final class Generation implements Core.Host, AutoCloseable {
    private final Path dir;
    private final Map<String, Handover> handovers = new HashMap<>();
    final LinuxFileDescriptors fds = new LinuxFileDescriptors();
    final SocketHandler sockets = new SocketHandler();
    final DeviceDoor door;
    final Core core;
    final Orchestrator orchestrator;

    private Generation(Path dir) throws LuoException {
        this.dir = dir;
        door = new DeviceDoor(dir, true);
        core = new Core(fds, new PinTable(bundle -> Set.of()), new Owner(1, "core [1]"), this);
        orchestrator = new OrchestratorImpl(core, handovers::get);
        add(new MemfdHandler(), 2);
        add(sockets, 3);
        core.doors().add(door);
    }

    void add(FileHandler handler, long bundle) throws LuoException {
        core.handlers().add(Registration.of(handler, new Owner(bundle, "handler [" + bundle + "]")));
    }

    /** The first one, serving. */
    static Generation start(Path dir) throws LuoException {
        Generation first = new Generation(dir);
        first.core.serve();
        first.core.publish();
        return first;
    }

    /** One that stands by. */
    Generation successor() throws LuoException {
        return new Generation(dir);
    }

    /** Hands over in this process; then the successor serves. */
    void update(Generation successor) throws LuoException {
        update(new InMemoryHandover(fds, successor.core.incoming()));
    }

    void update(Handover handover) throws LuoException {
        handovers.put(handover.kind(), handover);
        orchestrator.update(handover.kind(), Map.of());
    }

    @Override
    public void serving() {
        door.setOrchestrator(orchestrator);
    }

    @Override
    public void relinquished() {
        core.doors().remove(door);
    }

    @Override
    public void close() {
        core.doors().remove(door);
    }
}
