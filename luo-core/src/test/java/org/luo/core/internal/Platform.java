// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.FlbInfo;
import org.luo.HandlerInfo;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.UpdateReport;
import org.luo.handover.Handover;
import org.luo.pin.PinTable;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.spi.Subsystem;
import org.luo.testkit.InMemoryFileDescriptors;
import org.luo.testkit.InMemoryHandover;
import org.luo.testkit.Journal;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;
import org.luo.testkit.RecordingSubsystem;

/**
 * A process with an orchestrator, for tests: a core, its plug-ins, each in a bundle of its own, and a pin table. Files
 * and the journal are shared with its successors.
 */
final class Platform {
    /** The bundle of the core itself. */
    static final long CORE = 1;

    final InMemoryFileDescriptors fds;
    final Journal journal;
    final Core core;
    final OrchestratorImpl orchestrator;
    final PinTable pins = new PinTable(bundle -> Set.of(), this::isRunning);
    private volatile LongPredicate running = bundle -> true;
    private final Map<String, Handover> handovers = new HashMap<>();
    private final Map<String, Long> bundles = new HashMap<>();

    private Platform(InMemoryFileDescriptors fds, Journal journal, Core.Host host) {
        this.fds = fds;
        this.journal = journal;
        core = new Core(fds, pins, new Owner(CORE, "org.luo.core [1]"), host);
        orchestrator = new OrchestratorImpl(core, handovers::get);
    }

    /** A first process, started cold and serving. */
    static Platform serving() throws LuoException {
        return serving(Core.Host.NONE);
    }

    /** As above, with somebody who is told. */
    static Platform serving(Core.Host host) throws LuoException {
        Platform platform = new Platform(new InMemoryFileDescriptors(), new Journal(), host);
        platform.core.serve();
        return platform;
    }

    /** A successor that stands by, with handlers of these names. */
    Platform successor(String... handlers) throws LuoException {
        Platform successor = new Platform(fds, journal, Core.Host.NONE);
        for (String handler : handlers) {
            successor.handler(handler);
        }
        return successor;
    }

    /** Which bundles run; asked when one is pinned. */
    void running(LongPredicate bundles) {
        running = bundles;
    }

    private boolean isRunning(long bundle) {
        return running.test(bundle);
    }

    /** The bundle of the plug-in of this name. */
    long bundle(String plugin) {
        return bundles.computeIfAbsent(plugin, p -> 10L + bundles.size());
    }

    private Owner owner(Object plugin) {
        return new Owner(bundle(plugin.toString()), "org.luo." + plugin + " [" + bundle(plugin.toString()) + "]");
    }

    RecordingHandler handler(String name) throws LuoException {
        return add(new RecordingHandler(name, journal, fds));
    }

    <H extends FileHandler> H add(H handler) throws LuoException {
        core.handlers().add(Registration.of(handler, owner(handler)));
        return handler;
    }

    /** A handler in a bundle of its own with the symbolic name of another one's. */
    RecordingHandler addVersion(String of, RecordingHandler handler) throws LuoException {
        long bundle = bundle(handler.toString());
        core.handlers().add(Registration.of(handler, new Owner(bundle, "org.luo." + of + " [" + bundle + "]")));
        return handler;
    }

    /** A handler in a bundle with others. */
    RecordingHandler addTo(String bundle, RecordingHandler handler) throws LuoException {
        core.handlers().add(Registration.of(handler, vendor(bundle)));
        return handler;
    }

    /** An FLB in a bundle with others. */
    RecordingFlb addTo(String bundle, RecordingFlb flb) throws LuoException {
        core.flbs().add(Registration.of(flb, vendor(bundle)));
        return flb;
    }

    /** A bundle whose symbolic name is the same for all that begin with the same letters. */
    Owner vendor(String bundle) {
        return new Owner(bundle(bundle), "org." + bundle.replaceAll("[0-9]", "") + " [" + bundle(bundle) + "]");
    }

    RecordingFlb flb(String name) throws LuoException {
        return add(new RecordingFlb(name, journal));
    }

    <F extends Flb<?>> F add(F flb) throws LuoException {
        core.flbs().add(Registration.of(flb, owner(flb)));
        return flb;
    }

    RecordingSubsystem subsystem(String name, Subsystem.Kind kind) throws LuoException {
        return add(new RecordingSubsystem(name, kind, journal));
    }

    RecordingSubsystem add(RecordingSubsystem subsystem) throws LuoException {
        core.subsystems().add(Registration.of(subsystem, owner(subsystem)));
        return subsystem;
    }

    int open(String name) throws LuoException {
        return fds.open(name);
    }

    OutgoingSession session(String name) throws LuoException {
        return orchestrator.createSession(SessionName.of(name));
    }

    /** A session with a file of each of these names, under tokens 1, 2, and so on; their fds are closed. */
    OutgoingSession session(String name, String... files) throws LuoException {
        OutgoingSession session = session(name);
        for (int i = 0; i < files.length; i++) {
            preserve(session, files[i], i + 1L);
        }
        return session;
    }

    void preserve(OutgoingSession session, String file, long token) throws LuoException {
        int fd = open(file);
        try {
            session.preserve(fd, Token.of(token));
        } finally {
            fds.close(fd);
        }
    }

    IncomingSession retrieve(String name) throws LuoException {
        return orchestrator.retrieveSession(SessionName.of(name));
    }

    /** Hands over to a successor, which then serves. */
    Platform update(Platform successor) throws LuoException {
        update(to(successor));
        return successor;
    }

    UpdateReport update(Handover handover) throws LuoException {
        offer(handover);
        return orchestrator.update(handover.kind(), Map.of());
    }

    void offer(Handover handover) {
        handovers.put(handover.kind(), handover);
    }

    InMemoryHandover to(Platform successor) {
        return new InMemoryHandover(fds, successor.core.incoming());
    }

    /** Everything that can be seen of a process, to be compared; but for the states' sizes, which a freeze changes. */
    record Snapshot(
            String open,
            int strayCloses,
            Map<Long, Integer> pins,
            List<SessionInfo> sessions,
            List<FileInfo> files,
            List<HandlerInfo> handlers,
            List<FlbInfo> flbs) {}

    Snapshot snapshot() {
        return new Snapshot(
                fds.toString(),
                fds.strayCloses(),
                pins.pinned(),
                orchestrator.sessions(),
                orchestrator.files().stream().map(Platform::withoutSize).toList(),
                orchestrator.handlers(),
                orchestrator.flbs());
    }

    private static FileInfo withoutSize(FileInfo f) {
        return new FileInfo(
                f.session(),
                f.direction(),
                f.token(),
                f.compatible(),
                f.phase(),
                f.size(),
                0,
                f.bundle(),
                f.preservedAt());
    }

    /** No session, no file, no pin, and no fd but those that the test opened. */
    void assertHoldsNothing(Integer... open) {
        Snapshot now = snapshot();
        assertThat(now.sessions).isEmpty();
        assertThat(now.files).isEmpty();
        assertThat(now.pins).isEmpty();
        assertThat(now.handlers)
                .allSatisfy(handler -> assertThat(handler.files()).isZero());
        assertThat(now.flbs)
                .allSatisfy(flb -> assertThat(flb.outgoing() + flb.incoming()).isZero());
        assertThat(now.strayCloses).isZero();
        assertThat(fds.openCount()).as("%s", fds).isEqualTo(new HashSet<>(List.of(open)).size());
    }

    /** The call fails with this errno. */
    static LuoException refused(Errno errno, ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOf(LuoException.class);
        LuoException refusal = (LuoException) thrown;
        assertThat(refusal.errno()).as("%s", refusal.getMessage()).isEqualTo(errno);
        return refusal;
    }
}
