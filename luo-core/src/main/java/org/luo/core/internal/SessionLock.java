// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;

/** A session's lock, taken after passing the gate. Not re-entrant: a callback that calls back is refused. */
final class SessionLock {
    private final ReentrantLock lock = new ReentrantLock();
    private final SessionName name;
    private final Gate gate;

    SessionLock(SessionName name, Gate gate) {
        this.name = name;
        this.gate = gate;
    }

    /** Undo: {@link #leave}. */
    void enter() throws LuoException {
        if (lock.isHeldByCurrentThread()) {
            throw LuoException.of(Errno.EDEADLK, "session '" + name + "' used in a callback of one of its files");
        }
        gate.enter();
        lock.lock();
    }

    /** As {@link #enter}; false if this process has handed over meanwhile, so that there is nothing to close. */
    boolean enterToClose() throws LuoException {
        try {
            enter();
            return true;
        } catch (LuoException e) {
            if (gate.isRelinquished()) {
                return false;
            }
            throw e;
        }
    }

    void leave() {
        lock.unlock();
        gate.leave();
    }

    /** A look that may fail. */
    interface Look<T> {
        T look() throws LuoException;
    }

    /** As {@link #reading}. */
    <T> T looking(Look<T> look) throws LuoException {
        lock.lock();
        try {
            return look.look();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #reading}, with nothing to return. */
    void holding(Runnable look) {
        lock.lock();
        try {
            look.run();
        } finally {
            lock.unlock();
        }
    }

    /** Looks without passing the gate. */
    <T> T reading(Supplier<T> look) {
        lock.lock();
        try {
            return look.get();
        } finally {
            lock.unlock();
        }
    }
}
