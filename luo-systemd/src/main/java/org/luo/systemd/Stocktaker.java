// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Rescue;
import org.luo.handover.Rescue.Snapshot;
import org.luo.linux.Fds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the shelf as the orchestrator is: a moment after something has happened, for all that has happened by then. It rests
 * as long as it has worked, so it takes half of one processor at most.
 */
final class Stocktaker {
    private static final Logger LOG = LoggerFactory.getLogger("luo.systemd");
    private static final long PATIENCE_MILLIS = 10_000;
    private static final long AGAIN_MILLIS = 1000;
    private static final int NAMED = 8;

    private final Rescue rescue;
    private final Shelf shelf;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("luo-fdstore").unstarted(this::run);

    // Guarded by this.
    private long wanted = 1;
    private long done;
    private long rounds;
    private long lastNanos;
    private LuoException failure;
    private List<String> uncovered = List.of();
    private boolean ended;

    Stocktaker(Rescue rescue, Shelf shelf) {
        this.rescue = rescue;
        this.shelf = shelf;
    }

    void start() {
        thread.start();
    }

    /** Something has happened. */
    synchronized void changed() {
        wanted++;
        notifyAll();
    }

    /** Does nothing any more; what is being done may still be under way. */
    synchronized void end() {
        ended = true;
        notifyAll();
        thread.interrupt();
    }

    /** Returns when everything that has happened is on the shelf, or throws why not. */
    void await() throws LuoException {
        await(PATIENCE_MILLIS);
    }

    synchronized void await(long millis) throws LuoException {
        long target = ++wanted;
        notifyAll();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            while (done < target && !ended) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw LuoException.of(Errno.ETIMEDOUT, "fd store: not kept within " + millis + " ms");
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "fd store: interrupted", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    synchronized void describe(Map<String, Object> status) {
        status.put("rounds", rounds);
        status.put("last_ms", lastNanos / 1e6);
        status.put("behind", wanted - done);
        status.put("failure", failure == null ? "" : failure.getMessage());
        status.put("uncovered", uncovered);
    }

    private void run() {
        try {
            while (true) {
                long target = next();
                if (target < 0) {
                    return;
                }
                long start = System.nanoTime();
                LuoException failed = round();
                long nanos = System.nanoTime() - start;
                done(failed, target, nanos);
                Thread.sleep(failed == null ? nanos / 1_000_000 : AGAIN_MILLIS, 500_000);
            }
        } catch (InterruptedException e) {
            // it is over
        }
    }

    private synchronized long next() throws InterruptedException {
        while (done == wanted && !ended) {
            wait();
        }
        return ended ? -1 : wanted;
    }

    private synchronized void done(LuoException failed, long target, long nanos) {
        boolean over = failed != null && (failed.errno() == Errno.ESTALE || failed.errno() == Errno.EOPNOTSUPP);
        ended |= over;
        if (failed != null && failure == null && !ended) {
            LOG.warn("going on, but a crash would lose what is preserved: {}", failed.getMessage());
        } else if (failed == null && failure != null) {
            LOG.info("everything is kept against a crash again");
        }
        failure = failed;
        done = target;
        if (failed != null && !ended && failed.errno() != Errno.ENOSPC) {
            wanted++; // maybe the manager was just away
        }
        rounds++;
        lastNanos = nanos;
        notifyAll();
    }

    /** What it failed with, or null. */
    private LuoException round() {
        try {
            shelf.settle();
            Snapshot snapshot = rescue.snapshot(shelf::isWanted);
            try {
                tell(snapshot.uncovered());
                shelf.keep(snapshot);
                return null;
            } finally {
                Fds.closeAll(snapshot.copies().values());
            }
        } catch (LuoException e) {
            return e;
        } catch (RuntimeException e) {
            LOG.error("keeping what is preserved failed", e);
            return LuoException.of(Errno.EIO, "fd store: " + e, e);
        }
    }

    private synchronized void tell(List<String> now) {
        if (!now.equals(uncovered) && !now.isEmpty()) {
            String some = String.join(", ", now.subList(0, Math.min(now.size(), NAMED)));
            String others = now.size() > NAMED ? " and " + (now.size() - NAMED) + " others" : "";
            LOG.warn("a crash would lose {}{}", some, others);
        }
        uncovered = now;
    }
}
