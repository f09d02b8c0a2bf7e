// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.luo.UpdateReport.Phase;

/**
 * Takes the time of each phase of a handover, by {@link System#nanoTime}; one begins where the one before ended.
 *
 * <p>Context: one thread.
 */
public final class Phases {
    private final List<Phase> phases = new ArrayList<>();
    private final Watcher watcher;
    private long since = System.nanoTime();

    /** Hears of phases outside the blackout as they end. */
    @FunctionalInterface
    public interface Watcher {
        /** @param nanos how long it took */
        void ended(String name, long nanos);
    }

    /** The first phase begins now. @param watcher such as {@link OutgoingSide#ended} */
    public Phases(Watcher watcher) {
        this.watcher = watcher;
    }

    /** When the phase that is under way began. */
    public long since() {
        return since;
    }

    /** Ends a phase outside the blackout. */
    public void end(String name) {
        watcher.ended(name, end(name, false));
    }

    /** Ends a phase in the blackout. */
    public void endBlackout(String name) {
        end(name, true);
    }

    /**
     * Ends two phases in the blackout, of which the other side has measured the second.
     *
     * @param secondNanos as the other side says; not trusted to be possible
     */
    public void endBlackout(String first, String second, long secondNanos) {
        long now = System.nanoTime();
        long spent = now - since;
        long later = Math.clamp(secondNanos, 0, spent);
        phases.add(new Phase(first, spent - later, true));
        phases.add(new Phase(second, later, true));
        since = now;
    }

    private long end(String name, boolean blackout) {
        long now = System.nanoTime();
        long nanos = now - since;
        phases.add(new Phase(name, nanos, blackout));
        since = now;
        return nanos;
    }

    /** What has ended so far, in order. */
    public List<Phase> list() {
        return List.copyOf(phases);
    }

    /** The blackout so far, in ns: the phases that lie in it, which follow upon one another. */
    public long blackoutNanos() {
        return phases.stream().filter(Phase::blackout).mapToLong(Phase::nanos).sum();
    }

    /** {@code preserve 12.3 ms, freeze 0.4 ms}. */
    @Override
    public String toString() {
        return phases.stream()
                .map(phase -> String.format(Locale.ROOT, "%s %.1f ms", phase.name(), phase.nanos() / 1e6))
                .collect(Collectors.joining(", "));
    }
}
