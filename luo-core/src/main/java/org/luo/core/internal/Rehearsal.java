// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.handover.Door;
import org.luo.handover.Frozen;
import org.luo.pin.PinTable;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Subsystem;
import org.luo.spi.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole live update between two scratch cores with made-up files, so that the real one runs compiled code. Touches no
 * kernel object and no plug-in.
 *
 * <p>Its files belong to several classes of handlers: code compiled for a single one would be thrown away at the first
 * call of a real handler, in the blackout.
 */
final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");
    private static final int FILES = 500;
    private static final int FEW_FILES = 8;
    private static final int SMALL_UPDATES = 20;
    private static final int BRIEF_UPDATES = 3;

    private Rehearsal() {}

    /**
     * One update with many files, for what is run once a file, and several with few, for what is run once an update:
     * that would not be compiled otherwise. Whoever has time repeats it.
     */
    static void run() {
        try {
            update(FILES);
            for (int i = 0; i < SMALL_UPDATES; i++) {
                update(FEW_FILES);
            }
        } catch (LuoException e) {
            LOG.warn("rehearsal failed, so the live update may be slower: {}", e.getMessage());
        }
    }

    /** A few small ones, for the processor: code that has not run for a while takes ten times as long. */
    static void runBriefly() {
        try {
            for (int i = 0; i < BRIEF_UPDATES; i++) {
                update(FEW_FILES);
            }
        } catch (LuoException e) {
            LOG.debug("brief rehearsal failed: {}", e.getMessage());
        }
    }

    static void update(int files) throws LuoException {
        Core outgoing = scratch();
        outgoing.serve();
        OrchestratorImpl orchestrator = new OrchestratorImpl(outgoing, kind -> null);
        OutgoingSession session = orchestrator.createSession(SessionName.of("rehearsal"));
        for (int i = 0; i < files; i++) {
            session.preserve(i, Token.of(i));
        }
        DraftImpl draft = outgoing.departure().draft();
        draft.touchFiles();
        draft.close();
        OutgoingSession late = orchestrator.createSession(SessionName.of("late"));
        late.preserve(files, Token.of(files));
        Frozen frozen = outgoing.outgoing().freeze(draft);
        Core incoming = scratch();
        incoming.incoming().anticipate(draft.image());
        incoming.incoming().deserialize(frozen.image());
        frozen.unfreeze();
        late.close();
        session.close();
        incoming.incoming().serve();
        incoming.incoming().publish();
        new OrchestratorImpl(incoming, kind -> null)
                .retrieveSession(session.name())
                .close();
    }

    private static Core scratch() throws LuoException {
        Core core = new Core(
                new ScratchDescriptors(), new PinTable(bundle -> Set.of()), new Owner(0, "rehearsal"), Core.Host.NONE);
        core.handlers().add(Registration.of(new SharingHandler(), new Owner(1, "rehearsal")));
        core.handlers().add(Registration.of(new ScratchHandler(1) {}, new Owner(1, "rehearsal")));
        core.handlers().add(Registration.of(new ScratchHandler(2) {}, new Owner(1, "rehearsal")));
        core.flbs().add(Registration.of(new ScratchFlb(), new Owner(1, "rehearsal")));
        core.doors().add(new ScratchDoor());
        core.states().clock().begin("rehearsal", false);
        core.states().tally().done("rehearsal");
        core.states().tally().took(Tally.FREEZE, 1);
        core.states().tally().took(Tally.BLACKOUT, 1);
        core.subsystems().add(Registration.of(new ScratchSubsystem(), new Owner(1, "rehearsal")));
        return core;
    }

    /** Its files share an FLB. */
    private static final class SharingHandler extends ScratchHandler {
        SharingHandler() {
            super(0); // has some even if there are few
        }

        @Override
        public List<Compatible> flbs() {
            return List.of(ScratchFlb.NAME);
        }
    }

    /** Numbers that no kernel knows. */
    private static final class ScratchDescriptors implements FileDescriptors {
        private final AtomicInteger next = new AtomicInteger();

        @Override
        public int duplicate(int fd) {
            return next.getAndIncrement();
        }

        @Override
        public FileIdentity identity(int fd) {
            return new FileIdentity(0, fd);
        }

        @Override
        public long size(int fd) {
            return 0;
        }

        @Override
        public void close(int fd) {
            // nothing is open
        }
    }

    /** Leads nowhere. */
    private static final class ScratchDoor implements Door {
        @Override
        public String name() {
            return "rehearsal";
        }

        @Override
        public void open(Optional<PluginState> inherited) {
            // nothing listens
        }

        @Override
        public PluginState freeze() {
            return PluginState.of(new byte[0], 0);
        }

        @Override
        public void unfreeze() {
            // nothing was frozen
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    /** Has a state that is always the same. */
    private static final class ScratchSubsystem implements Subsystem {
        @Override
        public String name() {
            return "rehearsal";
        }

        @Override
        public Kind kind() {
            return Kind.GLOBAL;
        }

        @Override
        public PluginState prepare() {
            return PluginState.of(new byte[Long.BYTES]);
        }
    }

    /** Takes every third hundred of numbers for files: as in reality, neighbours mostly have the same handler. */
    private abstract static class ScratchHandler implements FileHandler {
        private static final int STATE_BYTES = 64;
        private static final int HANDLERS = 3;

        private final int rest;

        ScratchHandler(int rest) {
            this.rest = rest;
        }

        @Override
        public Compatible compatible() {
            return Compatible.of("rehearsal-v" + rest);
        }

        @Override
        public Verdict canPreserve(int fd) {
            return fd / 100 % HANDLERS == rest ? Verdict.yes() : Verdict.no("another one's");
        }

        @Override
        public FileIdentity identity(int fd) {
            return new FileIdentity(0, fd);
        }

        @Override
        public PluginState preserve(int fd) {
            return PluginState.of(new byte[STATE_BYTES], fd);
        }

        @Override
        public PluginState freeze(int fd, PluginState state) {
            return fd % 2 == 0 ? state : PluginState.of(new byte[STATE_BYTES], fd);
        }

        @Override
        public void unpreserve(int fd, PluginState state) {
            // nothing was taken
        }

        @Override
        public int retrieve(Compatible compatible, PluginState state) {
            return state.fds().getFirst();
        }

        @Override
        public void finish(PluginState state, Retrieval retrieval) {
            // nothing was taken
        }
    }
}
