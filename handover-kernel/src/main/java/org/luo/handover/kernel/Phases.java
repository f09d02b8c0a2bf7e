// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.luo.UpdateReport.Phase;

/** Takes the time of each phase; one begins where the one before ended. */
final class Phases {
    private final List<Phase> phases = new ArrayList<>();
    private final Watcher watcher;
    private long since = System.nanoTime();

    /** Hears of phases outside the blackout as they end. */
    @FunctionalInterface
    interface Watcher {
        void ended(String name, long nanos);
    }

    Phases(Watcher watcher) {
        this.watcher = watcher;
    }

    /** Ends a phase outside the blackout. */
    void end(String name) {
        watcher.ended(name, end(name, false));
    }

    /** Ends a phase in the blackout. */
    void endBlackout(String name) {
        end(name, true);
    }

    private long end(String name, boolean blackout) {
        long now = System.nanoTime();
        long nanos = now - since;
        phases.add(new Phase(name, nanos, blackout));
        since = now;
        return nanos;
    }

    /** What has ended so far, in order. */
    List<Phase> list() {
        return List.copyOf(phases);
    }

    /** {@code preserve 12.3 ms, freeze 0.4 ms}. */
    @Override
    public String toString() {
        return phases.stream()
                .map(phase -> String.format(Locale.ROOT, "%s %.1f ms", phase.name(), phase.nanos() / 1e6))
                .collect(Collectors.joining(", "));
    }

    /** The blackout so far. */
    long blackoutNanos() {
        return phases.stream().filter(Phase::blackout).mapToLong(Phase::nanos).sum();
    }
}
