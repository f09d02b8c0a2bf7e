// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.locks.ReentrantLock;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;

/** An FLB's lock, held during its callbacks. Not re-entrant where that could fail: a callback that asks for its own. */
final class FlbLock {
    private final ReentrantLock lock = new ReentrantLock();
    private final Compatible name;

    FlbLock(Compatible name) {
        this.name = name;
    }

    /** Undo: {@link #leave}. */
    void enter() throws LuoException {
        if (lock.isHeldByCurrentThread()) {
            throw LuoException.of(Errno.EDEADLK, "FLB " + name + " used in a callback of its own");
        }
        lock.lock();
    }

    void leave() {
        lock.unlock();
    }

    void holding(Runnable body) {
        lock.lock();
        try {
            body.run();
        } finally {
            lock.unlock();
        }
    }
}
