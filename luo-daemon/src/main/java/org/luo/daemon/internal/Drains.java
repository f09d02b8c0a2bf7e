// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.luo.pin.PinTable;
import org.luo.pin.PinTable.Drain;

/**
 * The bundles that take no new files, since somebody waits for the last one to go. Each for a short time only, which the
 * one who waits has to prolong: if he gives up or dies, everything is as before. Thread-safe.
 */
final class Drains implements AutoCloseable {
    private final Map<Long, Lease> leases = new HashMap<>(); // guarded by this
    private final ScheduledExecutorService clock;

    private record Lease(Drain drain, ScheduledFuture<?> end) {}

    Drains() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().daemon().name("luo-drain").unstarted(task));
        executor.setKeepAliveTime(1, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
        clock = executor;
    }

    /** Drains a bundle for so long from now, whatever was said before; 0 ends it. */
    synchronized void drain(PinTable pins, long bundle, long millis) {
        Lease next = millis == 0
                ? null
                : new Lease(pins.drain(bundle), clock.schedule(() -> end(bundle), millis, TimeUnit.MILLISECONDS));
        end(next == null ? leases.remove(bundle) : leases.put(bundle, next));
    }

    private synchronized void end(long bundle) {
        end(leases.remove(bundle));
    }

    private static void end(Lease lease) {
        if (lease != null) {
            lease.end().cancel(false);
            lease.drain().close();
        }
    }

    @Override
    public synchronized void close() {
        clock.shutdownNow();
        leases.values().forEach(Drains::end);
        leases.clear();
    }
}
