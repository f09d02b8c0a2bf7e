// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether requests are taken up, and which are being served. Shut at first. While it is shut an endpoint whose event has
 * come is put aside, so that the threads do not see it over and over. Thread-safe; its lock is a leaf.
 */
final class Turnstile {
    // Guarded by this.
    private final Map<Thread, Serving> inside = new HashMap<>();
    private final Set<Endpoint> aside = new LinkedHashSet<>();
    private boolean open;

    /**
     * What a thread serves.
     *
     * @param exchange the thread's
     */
    record Serving(Endpoint endpoint, Exchange exchange) {}

    /** Lets this thread serve an endpoint, or puts that aside. Undo: {@link #leave}. */
    synchronized boolean enter(Endpoint endpoint, Exchange exchange) {
        if (open) {
            inside.put(Thread.currentThread(), new Serving(endpoint, exchange));
        } else {
            aside.add(endpoint);
        }
        return open;
    }

    /** This thread has served its endpoint. */
    synchronized void leave() {
        inside.remove(Thread.currentThread());
        if (!open) {
            notifyAll();
        }
    }

    /** Who serves what. */
    synchronized Map<Thread, Serving> inside() {
        return Map.copyOf(inside);
    }

    /** Opens it; those that were put aside are then to be watched again. */
    synchronized List<Endpoint> open() {
        open = true;
        List<Endpoint> waiting = List.copyOf(aside);
        aside.clear();
        return waiting;
    }

    /** Lets nobody in from now on. */
    synchronized void shut() {
        open = false;
    }

    /**
     * Waits until nobody is inside. It is shut.
     *
     * @return what is still being served when the time is over
     */
    synchronized Optional<Endpoint> awaitEmpty(long deadline) {
        boolean interrupted = false;
        long left = 1;
        while (!inside.isEmpty() && left > 0) {
            left = (deadline - System.nanoTime()) / 1_000_000;
            try {
                wait(Math.max(1, left));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Serving serving : inside.values()) {
            return Optional.of(serving.endpoint());
        }
        return Optional.empty();
    }
}
