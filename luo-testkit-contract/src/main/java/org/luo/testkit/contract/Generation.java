// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.core.internal.Core;
import org.luo.core.internal.OrchestratorImpl;
import org.luo.core.internal.Owner;
import org.luo.core.internal.Registration;
import org.luo.handover.Frozen;
import org.luo.handover.Handover;
import org.luo.linux.internal.LinuxFileDescriptors;
import org.luo.pin.PinTable;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.spi.FlbReferences;
import org.luo.testkit.InMemoryHandover;

/**
 * One process of a live update: the real orchestrator and real fds, without a framework. When it has handed over, it
 * ends as a process does: whatever its plug-ins have left open is closed.
 */
final class Generation {
    private static final Owner CORE = new Owner(1, "org.luo.core [1]");

    private final OpenFds before;
    private final List<Integer> tests;
    private final PinTable pins = new PinTable(bundle -> Set.of());
    private final Core core = new Core(new LinuxFileDescriptors(), pins, CORE, Core.Host.NONE);
    private final OrchestratorImpl orchestrator = new OrchestratorImpl(core, kind -> this.handover);
    private Handover handover;

    /**
     * @param before what was open before there was any generation
     * @param tests the fds that are the test's; it adds to them
     */
    Generation(OpenFds before, List<Integer> tests) {
        this.before = before;
        this.tests = tests;
    }

    Generation with(long bundle, FileHandler handler) throws LuoException {
        core.handlers().add(Registration.of(handler, new Owner(bundle, "handler [" + bundle + "]")));
        return this;
    }

    Generation with(long bundle, Flb<?> flb) throws LuoException {
        core.flbs().add(Registration.of(flb, new Owner(bundle, "flb [" + bundle + "]")));
        return this;
    }

    /** Begins as the first process. */
    Generation serving() throws LuoException {
        core.serve();
        return this;
    }

    OutgoingSession session(String name) throws LuoException {
        return orchestrator.createSession(SessionName.of(name));
    }

    IncomingSession retrieve(String name) throws LuoException {
        return orchestrator.retrieveSession(SessionName.of(name));
    }

    Frozen freeze() throws LuoException {
        return core.outgoing().freeze();
    }

    /** Hands over to another, which then serves. */
    Generation update(Generation successor) throws Exception {
        update(successor, handover -> handover);
        return successor;
    }

    void update(Generation successor, UnaryOperator<InMemoryHandover> how) throws Exception {
        OpenFds own = OpenFds.now().without(before).without(tests);
        handover = how.apply(new InMemoryHandover(new LinuxFileDescriptors(), successor.core.incoming()));
        orchestrator.update(handover.kind(), Map.of());
        own.closeRest();
    }

    FlbReferences flbs() {
        return core.flbReferences();
    }

    boolean isPinned(long bundle) {
        return pins.isPinned(bundle);
    }

    /** How many files and FLBs are kept. */
    long kept() {
        return orchestrator.files().size()
                + orchestrator.flbs().stream()
                        .mapToLong(flb -> flb.outgoing() + flb.incoming())
                        .sum();
    }
}
