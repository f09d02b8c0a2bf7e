// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.luo.LiveUpdateListener;
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
import org.luo.testkit.InMemoryHandover;

/** A core with real files, and the commands about it, without a framework. */
final class Generation implements Orchestration {
    private final LinuxFileDescriptors fds = new LinuxFileDescriptors();
    private final Map<String, Handover> handovers = new HashMap<>();
    final Core core;
    final Orchestrator orchestrator;
    final CommandTable commands;

    private Generation() {
        core = new Core(fds, new PinTable(bundle -> Set.of()), new Owner(1, "core [1]"), Core.Host.NONE);
        orchestrator = new OrchestratorImpl(core, handovers::get);
        commands = new CommandTable(CommandTable.about(this));
    }

    /** The first one, serving. */
    static Generation start() throws LuoException {
        Generation first = standby();
        first.core.serve();
        first.core.publish();
        return first;
    }

    /** One that stands by. */
    static Generation standby() throws LuoException {
        Generation standby = new Generation();
        standby.core.handlers().add(Registration.of(new MemfdHandler(), new Owner(2, "memfds [2]")));
        return standby;
    }

    /** One that stands by and can't take anything. */
    static Generation withoutHandlers() {
        return new Generation();
    }

    /** Hands over in this process. */
    Generation update() throws LuoException {
        Generation successor = standby();
        offer(successor);
        orchestrator.update("memory", Map.of());
        return successor;
    }

    /** A handover {@code memory} to another one. */
    void offer(Generation successor) {
        handovers.put("memory", new InMemoryHandover(fds, successor.core.incoming()));
    }

    @Override
    public Orchestrator orchestrator() {
        return orchestrator;
    }

    @Override
    public Runnable listen(LiveUpdateListener listener) {
        core.events().add(listener);
        return () -> core.events().remove(listener);
    }
}
