// SPDX-License-Identifier: Apache-2.0
package org.luo.pin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.luo.pin.PinTable.Departure;

/** Pins and stops race: whoever has the pin finds the bundle running, from the pin until the unpin. */
final class PinTableStressTest {
    private static final long HANDLER = 7;
    private static final long API = 2;
    private static final int PINNERS = 2;
    private static final int PINS = 1_200_000;
    private static final int STOPS = 1_000;
    private static final int YIELDS = 16;

    private final boolean[] gone = new boolean[10];
    private final AtomicLong pinned = new AtomicLong();
    private final AtomicLong refusedPins = new AtomicLong();
    private final AtomicLong stops = new AtomicLong();
    private final AtomicLong refusedStops = new AtomicLong();
    private final AtomicLong violations = new AtomicLong();
    private final PinTable pins = new PinTable(b -> b == HANDLER ? Set.of(API) : Set.of(), b -> !isGone(b));

    @Test
    @Timeout(120)
    void aPinAndAStopNeverBothSucceed() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(PINNERS + 2)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < PINNERS; i++) {
                String holder = "file" + i;
                running.add(threads.submit(untilEnough(() -> pinAndLook(holder))));
            }
            running.add(threads.submit(untilEnough(() -> stopAndStart(HANDLER))));
            running.add(threads.submit(untilEnough(() -> stopAndStart(API))));
            for (Future<?> one : running) {
                one.get();
            }
        }
        System.out.printf(
                "%d pins, %d refused; %d stops, %d refused%n",
                pinned.get(), refusedPins.get(), stops.get(), refusedStops.get());
        assertThat(violations).hasValue(0);
        assertThat(pins.pinned()).isEmpty();
    }

    private Callable<Void> untilEnough(Runnable step) {
        return () -> {
            while (!isEnough()) {
                step.run();
            }
            return null;
        };
    }

    private boolean isEnough() {
        return pinned.get() >= PINS && stops.get() >= STOPS && refusedPins.get() > 0 && refusedStops.get() > 0;
    }

    private void pinAndLook(String holder) {
        try {
            pins.pin(List.of(HANDLER), holder);
        } catch (LeavingException e) {
            refusedPins.incrementAndGet();
            return;
        }
        if (isGone(HANDLER) || isGone(API)) {
            violations.incrementAndGet();
        }
        if (pinned.incrementAndGet() % YIELDS == 0) {
            Thread.yield();
        }
        if (isGone(HANDLER) || isGone(API)) {
            violations.incrementAndGet();
        }
        pins.unpin(List.of(HANDLER), holder);
        Thread.onSpinWait();
    }

    private void stopAndStart(long bundle) {
        try (Departure departure = pins.leave(bundle, "stop")) {
            assertThat(departure).isNotNull();
            setGone(bundle, true);
            stops.incrementAndGet();
            Thread.onSpinWait();
            setGone(bundle, false);
        } catch (PinnedException e) {
            refusedStops.incrementAndGet();
            Thread.yield();
        }
    }

    private boolean isGone(long bundle) {
        synchronized (gone) {
            return gone[(int) bundle];
        }
    }

    private void setGone(long bundle, boolean is) {
        synchronized (gone) {
            gone[(int) bundle] = is;
        }
    }
}
