// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * Who may touch sessions, and when: every session call passes through, and a freeze shuts it.
 *
 * <p>States: STANDBY → SERVING → RELINQUISHED. The lock is the first in the lock order: gate → session table →
 * session → FLB.
 */
final class Gate {
    /** Whether this process owns sessions. */
    private enum State {
        STANDBY,
        SERVING,
        RELINQUISHED
    }

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile State state = State.STANDBY;
    private volatile String successor = "";

    /** Passes; waits while frozen, and is refused to a callback of the freeze itself. Undo: {@link #leave}. */
    void enter() throws LuoException {
        if (lock.isWriteLockedByCurrentThread()) {
            throw LuoException.of(Errno.EDEADLK, "sessions used by a callback while they are frozen");
        }
        enterFromCallback();
    }

    /** Passes, and so does a callback of the freeze; waits otherwise. Undo: {@link #leave}. */
    void enterFromCallback() throws LuoException {
        enterToPut();
        if (state != State.SERVING) {
            leave();
            throw notServing();
        }
    }

    /** Passes once nothing is frozen, or from a callback of the freeze, whoever owns the sessions. */
    void enterToPut() {
        lock.readLock().lock();
    }

    /** @throws LuoException EOPNOTSUPP if there is nothing to hand over · EDEADLK if this thread is inside already */
    void requireOutside() throws LuoException {
        if (lock.getReadHoldCount() > 0 || lock.isWriteLockedByCurrentThread()) {
            throw LuoException.of(Errno.EDEADLK, "live update from within a plug-in's callback or another freeze");
        }
        if (state != State.SERVING) {
            throw notServing();
        }
    }

    void leave() {
        lock.readLock().unlock();
    }

    /** Shuts the gate and waits until nobody is inside. Undo: {@link #open}, on the same thread. */
    void shut() throws LuoException {
        requireOutside();
        lock.writeLock().lock();
        if (state != State.SERVING) {
            lock.writeLock().unlock();
            throw notServing();
        }
    }

    void open() {
        lock.writeLock().unlock();
    }

    /** Begins to serve. */
    void serve() throws LuoException {
        requireStandby();
        state = State.SERVING;
    }

    /** @throws LuoException EBUSY if this process serves already, or has handed over */
    void requireStandby() throws LuoException {
        if (state != State.STANDBY) {
            throw LuoException.of(Errno.EBUSY, "this process owns sessions already, or did");
        }
    }

    /** Ends serving for good; the gate is shut by this thread. */
    void relinquish(String to) {
        successor = to;
        state = State.RELINQUISHED;
    }

    boolean isRelinquished() {
        return state == State.RELINQUISHED;
    }

    private LuoException notServing() {
        String why = state == State.STANDBY ? "standing by" : "handed over to " + successor;
        return LuoException.of(Errno.EOPNOTSUPP, "this process owns no sessions: " + why);
    }
}
