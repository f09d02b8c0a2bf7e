// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

/** A lock that can be taken over from a thread that has been given up. Not re-entrant. */
final class Turn {
    private Thread owner; // guarded by this

    synchronized boolean isMine() {
        return owner == Thread.currentThread();
    }

    /** Undo: {@link #end}. */
    synchronized void await() throws InterruptedException {
        while (owner != null) {
            wait();
        }
        owner = Thread.currentThread();
    }

    synchronized boolean isFree() {
        return owner == null;
    }

    /** Undo: {@link #end}. */
    synchronized boolean tryTake() {
        if (owner != null) {
            return false;
        }
        owner = Thread.currentThread();
        return true;
    }

    /** Of no effect if another thread has it. */
    synchronized void end() {
        if (isMine()) {
            owner = null;
            notifyAll();
        }
    }

    /** What a thread has that has been given up is this thread's from now on. */
    synchronized void takeFrom(Thread givenUp) {
        if (owner == givenUp) {
            owner = Thread.currentThread();
        }
    }
}
