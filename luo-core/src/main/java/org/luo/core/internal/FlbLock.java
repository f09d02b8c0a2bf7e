// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;

/** An FLB's lock, held during its callbacks. Not re-entrant where that could fail: a callback that asks for its own. */
final class FlbLock {
    private final PatientLock lock;
    private final Compatible name;

    FlbLock(Compatible name) {
        this.name = name;
        this.lock = new PatientLock("FLB " + name);
    }

    /** Undo: {@link #leave}. */
    void enter() throws LuoException {
        if (lock.isMine()) {
            throw LuoException.of(Errno.EDEADLK, "FLB " + name + " used in a callback of its own");
        }
        lock.enter();
    }

    void leave() {
        lock.leave();
    }

    /** @throws LuoException EBUSY if one of its callbacks hangs */
    void requireIdle() throws LuoException {
        lock.requireIdle();
    }

    void holding(Runnable body) {
        lock.enterInTheEnd();
        try {
            body.run();
        } finally {
            lock.leave();
        }
    }
}
