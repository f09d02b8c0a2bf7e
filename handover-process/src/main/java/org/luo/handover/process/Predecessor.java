// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.handover.Draft;
import org.luo.handover.Frozen;
import org.luo.handover.OutgoingSide;
import org.luo.handover.Phases;
import org.luo.handover.process.OutgoingPass.Load;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The predecessor's half of the conversation with a successor that has connected.
 *
 * <p>Happy path: HELLO, preflight, rehearsal, draft, prepare ║ freeze, pass, READY, COMMIT, CONFIRM ║ HEALTHY, relinquish. What
 * lies between the bars is the blackout.
 *
 * <p>Unhappy paths, by who dies or falls silent when. P is this process, S the successor.
 *
 * <ul>
 *   <li>S before COMMIT is sent: P unfreezes at once and goes on; S cannot become the owner without COMMIT.
 *   <li>S after COMMIT, before HEALTHY: it may be serving, so P kills it, waits until it is dead, and then unfreezes. What
 *       S changed meanwhile in its own books is lost, the files are as they are. P has kept every fd.
 *   <li>S after HEALTHY: P has given up ownership; a crash as at any other time.
 *   <li>P before COMMIT is sent: S reads to the end and leaves. A crash of the owner as at any other time.
 *   <li>P after COMMIT: the message stays readable; S serves and does not mind that nobody hears its CONFIRM.
 *   <li>Either hangs: P's answers are late and it does as if S had died; S waits for P until it is killed or P has gone,
 *       and does nothing.
 * </ul>
 *
 * <p>So P serves only before COMMIT or after S's death, and S only after COMMIT: never both. Every fd is open in P until
 * HEALTHY, and in S from READY on.
 */
final class Predecessor {
    private static final Logger LOG = LoggerFactory.getLogger(Predecessor.class);
    private static final int IMAGE_BASE = 256 << 10;
    private static final int IMAGE_PER_FILE = 512;
    private static final int IMAGE_MOST = 64 << 20;
    private static final int EPOCH_BITS = 16;

    private final Wire wire;
    private final OutgoingSide outgoing;
    private final Options options;
    private final Child child;
    private final Phases phases;

    Predecessor(Wire wire, OutgoingSide outgoing, Options options, Child child, Phases phases) {
        this.wire = wire;
        this.outgoing = outgoing;
        this.options = options;
        this.child = child;
        this.phases = phases;
    }

    /**
     * Carries everything over.
     *
     * @param hello what the successor said, which is checked already
     * @throws LuoException why it did not happen; nothing is frozen, and the successor is dead or cannot become the owner
     */
    UpdateReport run(Hello hello) throws LuoException {
        try {
            return update(hello);
        } catch (LuoException e) {
            throw Answers.whyGone(wire, e);
        }
    }

    /**
     * Finds out whether the successor takes everything: what it reads, and a draft. Nothing is frozen.
     *
     * @throws LuoException why it does not
     */
    void check(Hello hello) throws LuoException {
        try {
            Map<Compatible, List<String>> needs = outgoing.needs();
            preflight(needs, hello);
            try (Rehearsal rehearsal = Rehearsal.of(wire, options, outgoing, first(), hello, capacity(needs))) {
                rehearsal.warmUp();
                draft(rehearsal, capacity(needs));
            }
        } catch (LuoException e) {
            throw Answers.whyGone(wire, e);
        }
    }

    private long first() {
        return outgoing.liveUpdates() + 1 << EPOCH_BITS;
    }

    private static int files(Map<Compatible, List<String>> needs) {
        return needs.values().stream().mapToInt(List::size).sum();
    }

    private static long capacity(Map<Compatible, List<String>> needs) {
        return Math.min(IMAGE_MOST, IMAGE_BASE + (long) files(needs) * IMAGE_PER_FILE);
    }

    private UpdateReport update(Hello hello) throws LuoException {
        Map<Compatible, List<String>> needs = outgoing.needs();
        preflight(needs, hello);
        phases.end("preflight");
        int files = files(needs);
        long capacity = capacity(needs);
        try (Rehearsal rehearsal = Rehearsal.of(wire, options, outgoing, first(), hello, capacity)) {
            rehearsal.warmUp();
            phases.end("rehearse");
            Draft draft = draft(rehearsal, capacity);
            phases.end("draft");
            rehearsal.tidyUp();
            // After a draft there is little to come, unless much has changed since.
            Load load = new Load(draft == null ? files : 0, Math.max(files, FdTable.open()), capacity);
            try (OutgoingPass pass = prepare(rehearsal, 0, load)) {
                pass.freezing();
                touch(draft);
                wire.watchful().awaitCalm();
                touch(draft); // what the first has compiled, and the caches lost meanwhile
                phases.end("tidy");
                Frozen frozen = draft == null ? outgoing.freeze() : outgoing.freeze(draft);
                handOver(pass, frozen);
                UpdateReport report = report(draft, frozen);
                frozen.relinquish(successor());
                return report;
            }
        }
    }

    private static void touch(Draft draft) {
        if (draft != null) {
            draft.touch();
        }
    }

    private OutgoingPass prepare(Rehearsal rehearsal, int flags, Load load) throws LuoException {
        OutgoingPass pass = OutgoingPass.prepare(wire, options.answer(), rehearsal.nextEpoch(), flags, load);
        try {
            pass.awaitPrepared();
            return pass;
        } catch (LuoException e) {
            pass.close();
            throw e;
        }
    }

    /** Passes what would go over now; null if this process has no room for a draft, then all goes over in the blackout. */
    private Draft draft(Rehearsal rehearsal, long capacity) throws LuoException {
        Draft draft;
        try {
            draft = outgoing.draft();
        } catch (LuoException e) {
            LOG.warn("no draft, so the blackout will be longer: {}", e.getMessage());
            return null;
        }
        int files = draft.image().files().size();
        try (draft;
                OutgoingPass pass =
                        prepare(rehearsal, OutgoingPass.DRAFT, new Load(files, FdTable.open() + files, capacity))) {
            pass.pass(draft.image());
            pass.awaitReady();
            pass.commit();
        }
        return draft;
    }

    private void preflight(Map<Compatible, List<String>> needs, Hello hello) throws LuoException {
        Map<Compatible, List<String>> unreadable = new TreeMap<>(needs);
        unreadable.keySet().removeAll(hello.readable());
        if (!unreadable.isEmpty()) {
            throw LuoException.of(Errno.ENOENT, wire.peer() + " cannot read " + Unreadable.describe(unreadable));
        }
    }

    private void handOver(OutgoingPass pass, Frozen frozen) throws LuoException {
        Blackout blackout = new Blackout(pass, phases);
        try {
            blackout.run(frozen);
            pass.awaitHealthy(options.grace());
            phases.end("health");
        } catch (LuoException | RuntimeException | Error e) {
            if (blackout.isCommitted()) {
                child.end();
            }
            frozen.unfreeze();
            throw e;
        }
    }

    private UpdateReport report(Draft draft, Frozen frozen) {
        int drafted = draft == null ? 0 : draft.image().bytes().remaining();
        return new UpdateReport(
                ProcessHandover.KIND,
                outgoing.liveUpdates() + 1,
                ProcessHandle.current().pid(),
                child.pid(),
                frozen.sessions(),
                frozen.files(),
                drafted + frozen.image().bytes().remaining(),
                phases.blackoutNanos(),
                phases.list());
    }

    private String successor() {
        return "process " + child.pid();
    }
}
