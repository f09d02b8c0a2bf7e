// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.luo.SessionName;
import org.luo.core.internal.CoreState.Dependency;
import org.luo.core.internal.image.Contents.StateRecord;

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
    private volatile String kind = "";
    private volatile Came came = Came.NOTHING;

    /** How what this process began with has come to it. */
    private enum Came {
        NOTHING,
        BY_UPDATE,
        FROM_CRASH
    }

    UpdateClock(Tally tally) {
        this.tally = tally;
    }

    private static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** An update of this kind begins. */
    void begin(String of, boolean isFrozen) {
        kind = of;
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

    /** What the successor is to know. */
    List<StateRecord> records(Map<SessionName, Integer> carried, List<Dependency> dependencies) {
        return List.of(
                tally.state(began, frozen, carried, dependencies).record(),
                tally.counts(kind).record());
    }

    /** What this process would have to know if it began anew: no update is under way then. */
    List<StateRecord> recordsForCrash(Map<SessionName, Integer> carried) {
        return List.of(
                tally.state(0, 0, carried, List.of()).record(), tally.counts("").record());
    }

    /** The predecessor's clock has come. */
    void inherit(CoreState state, Counts counts) {
        tally.inherit(state, counts);
        kind = counts.underWay();
        came = Came.BY_UPDATE;
        began = state.began();
        frozen = state.frozen();
    }

    /** What has come was left by a crash. */
    void crashed() {
        came = Came.FROM_CRASH;
    }

    boolean hasCrashed() {
        return came == Came.FROM_CRASH;
    }

    /** This process serves: if something has come, the blackout is over. */
    void serving() {
        switch (came) {
            case BY_UPDATE -> updated();
            case FROM_CRASH -> tally.recovered();
            case NOTHING -> {
                // a cold start
            }
        }
    }

    private void updated() {
        long now = now();
        tally.done(kind);
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
