// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.HashSet;
import java.util.Set;
import org.luo.LuoException;
import org.luo.linux.EventFd;

/**
 * Whether requests are taken up, and which are being served.
 *
 * <p>Happy path: OPEN → FROZEN (the blackout: who comes waits) → CLOSED (who waited is told to ask again, the successor
 * will answer). Unhappy: FROZEN → OPEN, the update did not happen. Thread-safe; the lock is this object's, a leaf.
 */
final class Traffic {
    private enum State {
        OPEN,
        FROZEN,
        CLOSED
    }

    private final EventFd closing;
    private final Set<Thread> serving = new HashSet<>(); // guarded by this
    private State state = State.OPEN; // guarded by this
    private boolean handedOver; // guarded by this

    /** @throws LuoException EMFILE */
    Traffic() throws LuoException {
        closing = EventFd.create();
    }

    /**
     * Takes up a request on this thread; waits while frozen.
     *
     * <p>Undo: {@link #leave}.
     *
     * @return whether it may be served; if not, it is not taken up
     */
    synchronized boolean enter() {
        return awaitOpen() && serving.add(Thread.currentThread());
    }

    /** Waits while frozen; whether it is open then. */
    synchronized boolean awaitOpen() {
        boolean interrupted = false;
        while (state == State.FROZEN) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return state == State.OPEN;
    }

    /** The request of this thread has been answered. */
    synchronized void leave() {
        serving.remove(Thread.currentThread());
        notifyAll();
    }

    synchronized void freeze() {
        state = state == State.OPEN ? State.FROZEN : state;
    }

    synchronized void unfreeze() {
        state = state == State.FROZEN ? State.OPEN : state;
        notifyAll();
    }

    /** Ends it for good and wakes everybody who waits for a request. Returns whether it had been frozen. */
    synchronized boolean close() {
        boolean frozen = state == State.FROZEN;
        handedOver |= frozen;
        state = State.CLOSED;
        closing.signal();
        notifyAll();
        return frozen;
    }

    synchronized boolean isOpen() {
        return state == State.OPEN;
    }

    synchronized boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Whether it was closed while frozen, so that a successor serves. */
    synchronized boolean hasHandedOver() {
        return handedOver;
    }

    /** Readable once closed. */
    int closingFd() {
        return closing.fd();
    }

    /** Lets the fd go: nobody polls it any more. */
    synchronized void release() {
        closing.close();
    }

    /** Waits until all requests but that of this thread are answered. */
    synchronized void awaitAnswers(long millis) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        try {
            while (!serving.isEmpty() && !serving.equals(Set.of(Thread.currentThread()))) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    break;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
