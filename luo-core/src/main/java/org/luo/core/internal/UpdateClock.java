// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.luo.SessionName;
import org.luo.core.internal.CoreState.Dependency;

/**
 * Times the phases of a live update, across both processes, for the tally. What the predecessor knows when it writes the
 * image goes over; the rest is what the successor sees.
 *
 * <p>Units: ns since 1970, since a successor may not share any other clock; a step of that clock costs one wrong value.
 */
final class UpdateClock {
    private final Tally tally;
    private volatile long began;
    private volatile long handOver;
    private volatile long frozen;

    UpdateClock(Tally tally) {
        this.tally = tally;
    }

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** An update begins. */
    void begin(boolean isFrozen) {
        began = now();
        handOver = 0;
        frozen = isFrozen ? frozen : 0;
    }

    /** The handover begins. */
    void handOver() {
        handOver = now();
    }

    /** The blackout begins. */
    void freezing() {
        frozen = now();
        if (handOver > 0) {
            tally.took(Tally.HANDOVER, frozen - handOver);
        }
    }

    /** Everything is frozen. */
    void froze() {
        tally.took(Tally.FREEZE, now() - frozen);
    }

    boolean hasFrozen() {
        return frozen > 0;
    }

    CoreState state(Map<SessionName, Integer> carried, List<Dependency> dependencies) {
        return tally.state(began, frozen, carried, dependencies);
    }

    /** The predecessor's clock has come. */
    void inherit(CoreState state) {
        tally.inherit(state);
        began = state.began();
        frozen = state.frozen();
    }

    /** This process serves what has come: the blackout is over. */
    void serving() {
        long now = now();
        tally.done();
        if (frozen > 0) {
            tally.took(Tally.BLACKOUT, now - frozen);
        }
        if (began > 0) {
            tally.took(Tally.TOTAL, now - began);
        }
        began = 0;
        frozen = 0;
    }
}
