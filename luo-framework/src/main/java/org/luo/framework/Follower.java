// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps a process that has handed over in the foreground until the platform has ended: whoever started it sees one
 * process from beginning to end, and its signals reach whoever serves. As the script {@code luo run} does.
 *
 * <p>Context: the framework has stopped and nothing of the platform is left in this process.
 */
final class Follower {
    /** System property: {@code true} to follow. Not on the command line, so that successors don't. */
    static final String PROPERTY = "luo.follow";

    private static final long PERIOD_MILLIS = 100;

    /** A successor that died before it gave up the run directory may be followed by another one. */
    private static final int PATIENCE = 20;

    private final PidFile pidFile;
    private final Incarnation own;
    private final AtomicInteger signals = new AtomicInteger();

    Follower(PidFile pidFile, Incarnation own) {
        this.pidFile = pidFile;
        this.own = own;
    }

    static boolean isWanted() {
        return Boolean.getBoolean(PROPERTY);
    }

    /** Returns the exit status of the last successor, or that of a failure if it left none. */
    int follow() throws IOException, InterruptedException {
        int patience = PATIENCE;
        while (patience > 0) {
            Optional<Incarnation> owner = pidFile.owner();
            if (owner.isEmpty()) {
                break;
            }
            Incarnation followed = owner.get();
            boolean serves = !followed.equals(own) && followed.isAlive();
            patience = serves ? PATIENCE : patience - 1;
            if (serves && signals.get() > 0) {
                signals.decrementAndGet();
                ProcessHandle.of(followed.pid()).ifPresent(ProcessHandle::destroy);
            }
            Thread.sleep(PERIOD_MILLIS);
        }
        return pidFile.exitStatus().orElse(Main.NOT_STARTED);
    }

    /** Passes a signal on as soon as there is a successor; as SIGTERM, which is to the platform what the others are. */
    void signalled() {
        signals.incrementAndGet();
    }
}
