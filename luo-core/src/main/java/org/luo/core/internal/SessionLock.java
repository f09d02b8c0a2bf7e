// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;

/** A session's lock, taken after passing the gate. Not re-entrant: a callback that calls back is refused. */
final class SessionLock {
    private final PatientLock lock;
    private final SessionName name;
    private final Core core;

    SessionLock(SessionName name, Core core) {
        this.name = name;
        this.core = core;
        this.lock = new PatientLock(this);
    }

    /** Undo: {@link #leave}. */
    void enter() throws LuoException {
        if (lock.isMine()) {
            throw LuoException.of(Errno.EDEADLK, this + " used in a callback of one of its files");
        }
        core.gate().enter();
        try {
            lock.enter();
        } catch (LuoException e) {
            core.gate().leave();
            throw e;
        }
    }

    /** As {@link #enter}; false if this process has handed over meanwhile, so that there is nothing to close. */
    boolean enterToClose() throws LuoException {
        try {
            enter();
            return true;
        } catch (LuoException e) {
            if (core.gate().isRelinquished()) {
                return false;
            }
            throw e;
        }
    }

    void leave() {
        lock.leave();
        core.gate().leave();
    }

    /** A look that may fail. */
    interface Look<T> {
        T look() throws LuoException;
    }

    /**
     * Looks without passing the gate.
     *
     * @throws LuoException EBUSY, ETIMEDOUT naming the callback that is under way, if that does not return · what the look
     *     throws
     */
    <T> T looking(Look<T> look) throws LuoException {
        lock.enter(core.patience());
        try {
            return look.look();
        } finally {
            lock.leave();
        }
    }

    /** As {@link #looking}, unless a call is under way. */
    void ifIdle(Runnable look) {
        if (lock.tryEnter()) {
            try {
                look.run();
            } finally {
                lock.leave();
            }
        }
    }

    @Override
    public String toString() {
        return "session '" + name + "'";
    }
}
