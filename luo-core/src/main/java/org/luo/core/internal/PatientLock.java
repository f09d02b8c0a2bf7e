// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * A lock that is held while plug-ins are called. So its holder may hang, or wait for what the caller has, and who waits
 * looks now and then whether that is so. Not to be entered again by who {@linkplain #isMine has it}.
 *
 * <p>If callbacks of two threads each want what the other one has, at least one of them is refused; who holds nothing
 * can't be part of that and waits.
 */
final class PatientLock {
    private static final long FIRST_LOOK_NANOS = 1_000_000;
    private static final long LOOK_NANOS = 50_000_000;
    private static final int MOST_HOLDERS = 64;

    private final ReentrantLock lock = new ReentrantLock();

    /** What it protects, for messages. */
    private final Object name;

    /** Who has it; a moment late, and a moment less. */
    private volatile Progress holder;

    PatientLock(Object name) {
        this.name = name;
    }

    boolean isMine() {
        return lock.isHeldByCurrentThread();
    }

    /**
     * Waits as long as its holder may come back. Undo: {@link #leave}.
     *
     * @throws LuoException EBUSY if a callback hangs that its holder has called · EDEADLK if its holder waits for what the
     *     caller has · ETIMEDOUT if the caller's own call is overdue
     */
    void enter() throws LuoException {
        if (!tryEnter()) {
            await(Long.MAX_VALUE);
        }
    }

    /** As {@link #enter()}; ETIMEDOUT as well if its holder comes no further for so long. */
    void enter(Duration patience) throws LuoException {
        if (!tryEnter()) {
            await(patience.toNanos());
        }
    }

    /** Undo: {@link #leave}. */
    boolean tryEnter() {
        if (lock.tryLock()) {
            holder = Progress.mine();
            return true;
        }
        return false;
    }

    /** Waits, however long it takes: for what can't fail. Undo: {@link #leave}. */
    void enterInTheEnd() {
        if (!tryEnter()) {
            Progress mine = Progress.mine();
            mine.waitsFor(this);
            lock.lock();
            mine.waitsFor(null);
            holder = mine;
        }
    }

    void leave() {
        holder = null;
        lock.unlock();
    }

    /** @throws LuoException EBUSY if a callback hangs that its holder has called */
    void requireIdle() throws LuoException {
        Progress by = holder;
        if (by != null && by.isLost() && !isMine()) {
            throw LuoException.of(Errno.EBUSY, name + ": " + by + " has not returned yet");
        }
    }

    private void await(long patience) throws LuoException {
        Progress mine = Progress.mine();
        mine.waitsFor(this);
        boolean interrupted = false;
        try {
            Look look = new Look(mine, patience);
            for (long nanos = FIRST_LOOK_NANOS; ; nanos = LOOK_NANOS) {
                look.look();
                try {
                    if (lock.tryLock(nanos, TimeUnit.NANOSECONDS)) {
                        holder = mine;
                        return;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            mine.waitsFor(null);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What one who waits has seen. */
    private final class Look {
        private final Progress mine;
        private final long patience;
        private Progress of;
        private long steps;
        private long since = System.nanoTime();
        private boolean knotted;

        Look(Progress mine, long patience) {
            this.mine = mine;
            this.patience = patience;
        }

        /** @throws LuoException see {@link #enter()} */
        void look() throws LuoException {
            mine.call().requireInTime();
            requireIdle();
            Progress by = holder;
            if (by == null || by != of || by.steps() != steps) {
                of = by;
                steps = by == null ? 0 : by.steps();
                since = System.nanoTime();
            } else if (System.nanoTime() - since > patience) {
                throw LuoException.of(
                        Errno.ETIMEDOUT,
                        name + ": " + by + " has not returned for "
                                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since) + " ms");
            }
            boolean before = knotted;
            knotted = isKnotted(by);
            if (knotted && before) { // not something that was just changing
                throw LuoException.of(Errno.EDEADLK, name + ": its holder waits for what is held here, in " + by);
            }
        }

        private boolean isKnotted(Progress by) {
            Progress next = by;
            for (int i = 0; i < MOST_HOLDERS && next != null && next != mine; i++) {
                PatientLock wanted = next.waitsFor();
                next = wanted == null ? null : wanted.holder;
            }
            return next == mine;
        }
    }
}
