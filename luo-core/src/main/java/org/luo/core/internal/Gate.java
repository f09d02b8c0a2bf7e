// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * Who may touch sessions, and when: every session call passes through, and a freeze shuts it.
 *
 * <p>States: STANDBY → SERVING → RELINQUISHED, or OFF for good. The lock is the first in the lock order: gate → session table →
 * session → FLB.
 *
 * <p>Nobody owns a shut gate: one thread may shut it and another open it. The lock is held for writing only until
 * everybody is outside; who comes then finds it shut, and waits.
 */
final class Gate {
    /** Whether this process owns sessions. */
    private enum State {
        OFF,
        STANDBY,
        SERVING,
        RELINQUISHED
    }

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Object opened = new Object();
    private volatile State state = State.STANDBY;
    private volatile String successor = "";
    private volatile boolean shut; // set under the write lock, cleared under opened
    private volatile Thread freezer; // runs the callbacks of the freeze

    /**
     * Passes; waits while frozen, and is refused to a callback of the freeze itself. Undo: {@link #leave}.
     *
     * @throws LuoException EDEADLK to a callback of the freeze · EAGAIN if interrupted while waiting · EOPNOTSUPP if
     *     this process owns no sessions
     */
    void enter() throws LuoException {
        if (isFreezing()) {
            throw LuoException.of(Errno.EDEADLK, "sessions used by a callback while they are frozen");
        }
        enterFromCallback();
    }

    /** Passes, and so does a callback of the freeze; waits otherwise. Undo: {@link #leave}. */
    void enterFromCallback() throws LuoException {
        if (!pass(true)) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "interrupted while everything is frozen");
        }
        if (state != State.SERVING) {
            lock.readLock().unlock();
            throw notServing();
        }
        Progress.mine().call().begin(this);
    }

    /** Passes once nothing is frozen, or from a callback of the freeze, whoever owns the sessions. */
    void enterToPut() {
        pass(false);
        Progress.mine().call().begin(this);
    }

    /** Whether it was passed: not if it was interrupted before. */
    private boolean pass(boolean interruptible) {
        boolean interrupted = false;
        lock.readLock().lock();
        while (shut && !isFreezing()) {
            lock.readLock().unlock();
            interrupted |= !awaitOpen();
            if (interrupted && interruptible) {
                return false;
            }
            lock.readLock().lock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    private boolean awaitOpen() {
        synchronized (opened) {
            try {
                while (shut) {
                    opened.wait();
                }
                return true;
            } catch (InterruptedException e) {
                return false;
            }
        }
    }

    private boolean isFreezing() {
        return freezer == Thread.currentThread();
    }

    /** @throws LuoException EOPNOTSUPP if there is nothing to hand over · EDEADLK if this thread is inside already */
    void requireOutside() throws LuoException {
        if (lock.getReadHoldCount() > 0 || isFreezing()) {
            throw LuoException.of(Errno.EDEADLK, "live update from within a plug-in's callback or another freeze");
        }
        if (state != State.SERVING) {
            throw notServing();
        }
    }

    void leave() {
        Progress.mine().call().end();
        lock.readLock().unlock();
    }

    /**
     * Shuts the gate and waits until nobody is inside. The callbacks of the freeze run in this thread from now on.
     * Undo: {@link #open}.
     *
     * @param patience how long to wait for that
     * @throws LuoException ETIMEDOUT naming the callbacks that are under way inside
     */
    void shut(Duration patience) throws LuoException {
        requireOutside();
        awaitAllOutside(patience);
        try {
            if (state != State.SERVING) {
                throw notServing();
            }
            if (shut) {
                throw LuoException.of(Errno.EBUSY, "everything is frozen already");
            }
            freezer = Thread.currentThread();
            shut = true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void awaitAllOutside(Duration patience) throws LuoException {
        try {
            if (!lock.writeLock().tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw LuoException.of(
                        Errno.ETIMEDOUT,
                        "freeze: session calls have not ended for " + patience.toMillis() + " ms: "
                                + Names.of(Progress.elsewhere()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "interrupted while waiting for session calls to end", e);
        }
    }

    /** The callbacks of the freeze run in the calling thread from now on. The gate is shut. */
    void takeOver() {
        if (!Progress.isGivenUp()) {
            freezer = Thread.currentThread();
        }
    }

    /** What a thread did that has been given up, the calling one does. */
    void takeOver(Thread from) {
        if (freezer == from) {
            freezer = Thread.currentThread();
        }
    }

    /** No callback of the freeze runs for now: whoever comes waits. The gate stays shut. */
    void rest() {
        if (!Progress.isGivenUp()) {
            freezer = null;
        }
    }

    /** Of no effect in a thread that has been given up. */
    void open() {
        if (Progress.isGivenUp()) {
            return;
        }
        synchronized (opened) {
            freezer = null;
            shut = false;
            opened.notifyAll();
        }
    }

    /** Begins to serve. */
    void serve() throws LuoException {
        requireStandby();
        state = State.SERVING;
    }

    /** Serves nobody, ever. */
    void switchOff() throws LuoException {
        requireStandby();
        state = State.OFF;
    }

    /** @throws LuoException EBUSY if this process serves already, or has handed over · EOPNOTSUPP if switched off */
    void requireStandby() throws LuoException {
        if (state == State.OFF) {
            throw notServing();
        }
        if (state != State.STANDBY) {
            throw LuoException.of(Errno.EBUSY, "this process owns sessions already, or did");
        }
    }

    /** Ends serving for good; the gate is shut. */
    void relinquish(String to) {
        successor = to;
        state = State.RELINQUISHED;
    }

    boolean isRelinquished() {
        return state == State.RELINQUISHED;
    }

    private LuoException notServing() {
        String why = switch (state) {
            case OFF -> "live update is switched off";
            case STANDBY -> "standing by";
            case SERVING, RELINQUISHED -> "handed over to " + successor;
        };
        return LuoException.of(Errno.EOPNOTSUPP, "this process owns no sessions: " + why);
    }
}
