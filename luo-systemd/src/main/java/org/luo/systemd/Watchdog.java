// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * When the service manager wants to hear that the platform lives. Whose watchdog it is, WATCHDOG_PID, is not looked at: it
 * is the first process's, and its successors go on with it, as MAINPID= tells the manager.
 *
 * <p>Context: one thread.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_watchdog_enabled.html">sd_watchdog_enabled(3)</a>
 */
final class Watchdog {
    private final long periodNanos;
    private long last;

    /** @param periodNanos how often, 0 for never */
    private Watchdog(long periodNanos) {
        this.periodNanos = periodNanos;
        this.last = System.nanoTime() - periodNanos;
    }

    /** As the environment says: three times within the time that it gives. */
    static Watchdog of(Map<String, String> environment) {
        try {
            long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
            return new Watchdog(micros <= 0 ? 0 : Math.max(1, TimeUnit.MICROSECONDS.toNanos(micros) / 3));
        } catch (NumberFormatException e) {
            return new Watchdog(0);
        }
    }

    /** Whether it is time again; then it has been said. */
    boolean isDue(long now) {
        if (periodNanos == 0 || now - last < periodNanos) {
            return false;
        }
        last = now;
        return true;
    }
}
