// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.util.ArrayList;
import java.util.List;
import org.luo.UpdateReport;

/** Takes the time of each phase; one begins where the one before ended. */
final class Phases {
    private final List<UpdateReport.Phase> phases = new ArrayList<>();
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

    /** When the phase now running began. */
    long since() {
        return since;
    }

    /** Ends a phase outside the blackout. */
    void end(String name) {
        long now = System.nanoTime();
        phases.add(new UpdateReport.Phase(name, now - since, false));
        watcher.ended(name, now - since);
        since = now;
    }

    /** Ends a phase in the blackout. */
    void endBlackout(String name) {
        long now = System.nanoTime();
        phases.add(new UpdateReport.Phase(name, now - since, true));
        since = now;
    }

    /**
     * Ends two phases in the blackout, of which the other side has measured the second.
     *
     * @param secondNanos as the other side says; not trusted to be possible
     */
    void endBlackout(String first, String second, long secondNanos) {
        long now = System.nanoTime();
        long spent = now - since;
        long later = Math.clamp(secondNanos, 0, spent);
        phases.add(new UpdateReport.Phase(first, spent - later, true));
        phases.add(new UpdateReport.Phase(second, later, true));
        since = now;
    }

    /** What has ended so far, in order. */
    List<UpdateReport.Phase> list() {
        return List.copyOf(phases);
    }

    /** The blackout so far: the phases that lie in it, which follow upon one another. */
    long blackoutNanos() {
        return phases.stream()
                .filter(UpdateReport.Phase::blackout)
                .mapToLong(UpdateReport.Phase::nanos)
                .sum();
    }
}
