// SPDX-License-Identifier: Apache-2.0
package org.luo;

import java.util.List;
import java.util.Map;

/**
 * What live updates there have been, over all processes since the last cold start.
 *
 * @param done how many led to a successor
 * @param failed how many did not happen, those rolled back included
 * @param rolledBack how many of these had frozen something, which was unfrozen again
 * @param phases how long each phase took, in the order in which they occur
 * @param kinds how many of those done were of each kind, {@code process}, {@code kernel}; fewer than done if a predecessor did
 *     not count them
 * @param recovered how often the platform crashed and began anew with what a service manager had kept; no live updates
 */
public record Statistics(
        long done, long failed, long rolledBack, List<PhaseTimes> phases, Map<String, Long> kinds, long recovered) {
    /** The collections are copied. */
    public Statistics {
        phases = List.copyOf(phases);
        kinds = Map.copyOf(kinds);
    }

    /** Without kinds. */
    public Statistics(long done, long failed, long rolledBack, List<PhaseTimes> phases) {
        this(done, failed, rolledBack, phases, Map.of(), 0);
    }

    /**
     * How long one phase took in those updates that completed it. The percentiles are those of the last
     * {@value #KEPT}.
     *
     * @param name such as {@code prepare}, {@code freeze}, {@code blackout}
     * @param count how often it was completed
     * @param last the latest time, in ns
     * @param p50 the median, in ns
     * @param p90 what 9 of 10 did not exceed, in ns
     * @param p99 what 99 of 100 did not exceed, in ns
     */
    public record PhaseTimes(String name, long count, long last, long p50, long p90, long p99) {
        /** How many values the percentiles are made of at most. */
        public static final int KEPT = 128;
    }
}
