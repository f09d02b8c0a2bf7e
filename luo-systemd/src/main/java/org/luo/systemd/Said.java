// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.util.concurrent.TimeUnit;

/**
 * The state that the service manager was told last. It is told again from time to time: a predecessor may have spoken after
 * its successor, when it came out of a freeze in which it had been asked how it is, and the manager believes the last one.
 *
 * <p>Context: one thread.
 */
final class Said {
    static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private String status = "";
    private long at;

    /** The text. */
    String status() {
        return status;
    }

    /** Whether a status is to be said. */
    boolean isDue(String now, long nanos) {
        return !now.equals(status) || nanos - at >= AGAIN_NANOS;
    }

    /** It has been. */
    void set(String now, long nanos) {
        status = now;
        at = nanos;
    }
}
