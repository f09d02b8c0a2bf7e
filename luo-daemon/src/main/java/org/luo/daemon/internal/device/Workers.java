// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.luo.LuoException;
import org.luo.linux.Epoll;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that serve. All wait in one epoll, and the one that gets a request also executes and answers it. Whenever
 * the last one that waited gets busy another is started, up to a bound; those that find nothing to do leave.
 */
final class Workers {
    /** What they do. */
    interface Work {
        /** Serves an event. */
        void serve(Endpoint endpoint, int events, Exchange exchange);

        /**
         * Whatever has to be tried again now and then.
         *
         * @return the threads that hang in a plug-in, and that nobody waits for any more
         */
        Set<Thread> tick();
    }

    static final int MOST = 64;
    private static final int KEPT = 2;
    private static final int IDLE_MILLIS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger("luo.device");

    private final Endpoints endpoints;
    private final Work work;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong nextTick = new AtomicLong(System.nanoTime());
    private final Set<Thread> lost = new HashSet<>(); // guarded by this
    private int all; // guarded by this, without those that are lost
    private int numbered; // guarded by this
    private volatile boolean stopped;

    Workers(Endpoints endpoints, Work work) {
        this.endpoints = endpoints;
        this.work = work;
    }

    /** Starts one more, unless there are as many as there may be. */
    synchronized void start() {
        if (stopped || all >= MOST) {
            return;
        }
        waiting.incrementAndGet();
        try {
            Thread.ofPlatform().name("luo-device-" + ++numbered).daemon().start(this::run);
            all++;
        } catch (OutOfMemoryError e) {
            waiting.decrementAndGet();
            LOG.warn("no further thread, {} serve: {}", all, e.getMessage());
        }
    }

    /** Ends them all; the last one closes the epolls. Does not wait for them. */
    synchronized void stop() {
        stopped = true;
        try {
            endpoints.wakeAll();
        } catch (LuoException e) {
            LOG.warn("threads end only when they next wake up: {}", e.getMessage());
        }
        if (all == 0) {
            endpoints.close();
        }
    }

    private void run() {
        boolean idle = false;
        try {
            idle = serveUntilIdle();
        } catch (LuoException e) {
            LOG.error("a thread of the device ends", e);
        } finally {
            if (!idle) {
                leave();
            }
        }
    }

    /** Returns whether it is idle and no longer counted; else all have been stopped. */
    private boolean serveUntilIdle() throws LuoException {
        Epoll.Events event = new Epoll.Events(1);
        Exchange exchange = new Exchange();
        while (!stopped) {
            if (endpoints.await(event, IDLE_MILLIS) > 0) {
                serve(event, exchange);
            } else if (mayLeave()) {
                return true;
            }
            tick();
        }
        return false;
    }

    /** By one thread at a time, and not more often than if all were idle. */
    private void tick() {
        long now = System.nanoTime();
        long due = nextTick.get();
        if (now - due < 0 || !nextTick.compareAndSet(due, now + IDLE_MILLIS * 1_000_000L)) {
            return;
        }
        if (waiting.decrementAndGet() == 0) {
            start();
        }
        try {
            lose(work.tick());
        } finally {
            waiting.incrementAndGet();
        }
    }

    /** Others serve in the place of those that hang, as often as there may be threads. */
    private synchronized void lose(Set<Thread> hanging) {
        for (Thread thread : hanging) {
            if (lost.size() < MOST && lost.add(thread)) {
                all--;
            }
        }
    }

    private synchronized void found() {
        if (lost.remove(Thread.currentThread())) {
            all++;
        }
    }

    private void serve(Epoll.Events event, Exchange exchange) {
        Endpoint endpoint = endpoints.get(event.key(0));
        if (endpoint == null) {
            return;
        }
        if (waiting.decrementAndGet() == 0) {
            start();
        }
        try {
            work.serve(endpoint, event.events(0), exchange);
        } finally {
            found();
            waiting.incrementAndGet();
        }
    }

    private synchronized boolean mayLeave() {
        if (stopped || all <= KEPT) {
            return false;
        }
        waiting.decrementAndGet();
        all--;
        return true;
    }

    private synchronized void leave() {
        waiting.decrementAndGet();
        all--;
        if (all == 0 && stopped) {
            endpoints.close();
        } else if (all == 0) {
            start();
        }
    }
}
