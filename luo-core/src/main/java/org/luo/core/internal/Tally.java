// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luo.SessionName;
import org.luo.Statistics;
import org.luo.Statistics.PhaseTimes;
import org.luo.core.internal.CoreState.Dependency;

/** Counts live updates and keeps the latest times of each phase. Thread-safe; its lock is a leaf. */
final class Tally {
    /** Before the handover: subsystems prepare. */
    static final String PREPARE = "prepare";

    /** The handover's own, from its start to the freeze: boot, preflight, rehearsal. */
    static final String HANDOVER = "handover";

    /** Doors, files and subsystems. */
    static final String FREEZE = "freeze";

    /** From the freeze until the successor serves, as the successor sees it. */
    static final String BLACKOUT = "blackout";

    /** All of it. */
    static final String TOTAL = "total";

    /**
     * The times of one phase.
     *
     * @param count how many there have been
     * @param kept the latest of them, oldest first, in ns; not to be changed
     */
    record Times(long count, long[] kept) {
        private static final Times NONE = new Times(0, new long[0]);

        private Times and(long nanos) {
            int from = Math.max(0, kept.length + 1 - PhaseTimes.KEPT);
            long[] more = Arrays.copyOfRange(kept, from, kept.length + 1);
            more[more.length - 1] = nanos;
            return new Times(count + 1, more);
        }

        private PhaseTimes summary(String name) {
            long[] sorted = kept.clone();
            Arrays.sort(sorted);
            return new PhaseTimes(
                    name, count, kept[kept.length - 1], rank(sorted, 50), rank(sorted, 90), rank(sorted, 99));
        }

        /** The smallest value that so many percent do not exceed. */
        private static long rank(long[] sorted, int percent) {
            return sorted[(sorted.length * percent + 99) / 100 - 1];
        }
    }

    // Guarded by this.
    private long done;
    private long failed;
    private long rolledBack;
    private long recovered;
    private final Map<String, Long> kinds = new TreeMap<>();
    private final Map<String, Times> phases = new LinkedHashMap<>();

    /** Begins where the predecessor ended. */
    synchronized void inherit(CoreState state, Counts counts) {
        recovered = counts.recovered();
        kinds.clear();
        kinds.putAll(counts.kinds());
        done = state.done();
        failed = state.failed();
        rolledBack = state.rolledBack();
        phases.clear();
        phases.putAll(state.phases());
    }

    /** A live update of this kind, of which nothing is known if that is empty. */
    synchronized void done(String kind) {
        done++;
        if (!kind.isEmpty()) {
            kinds.merge(kind, 1L, Long::sum);
        }
    }

    /** What a crash has left was taken up. */
    synchronized void recovered() {
        recovered++;
    }

    /** What the successor begins with as well. */
    synchronized Counts counts(String underWay) {
        return new Counts(underWay, recovered, new TreeMap<>(kinds));
    }

    synchronized void failed(boolean afterFreeze) {
        failed++;
        rolledBack += afterFreeze ? 1 : 0;
    }

    /** A phase was completed. What is below 0 is no time, and dropped. */
    synchronized void took(String phase, long nanos) {
        if (nanos >= 0) {
            phases.merge(phase, Times.NONE.and(nanos), (times, one) -> times.and(nanos));
        }
    }

    /** What the successor begins with. */
    synchronized CoreState state(
            long began, long frozen, Map<SessionName, Integer> carried, List<Dependency> dependencies) {
        return new CoreState(
                done, failed, rolledBack, began, frozen, new LinkedHashMap<>(phases), carried, dependencies);
    }

    synchronized Statistics statistics() {
        List<PhaseTimes> summaries = new ArrayList<>();
        phases.forEach((name, times) -> summaries.add(times.summary(name)));
        return new Statistics(done, failed, rolledBack, summaries, kinds, recovered);
    }
}
