// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Epoll;
import org.luo.linux.EventFd;
import org.luo.linux.UnixSocket;

/**
 * All sockets, and what happens on them. One epoll wakes the threads that serve; another, which nobody waits for, knows
 * who has hung up, so that this can be asked at any time. Thread-safe; its lock is a leaf below that of an endpoint.
 */
final class Endpoints {
    private static final int BATCH = 64;
    private static final int HANG_UP = Epoll.EPOLLRDHUP | Epoll.EPOLLONESHOT;

    private final AtomicLong keys = new AtomicLong();
    private final Map<Long, Endpoint> open = new ConcurrentHashMap<>();
    private final Epoll requests;
    private final Epoll hangUps;
    private final EventFd wake;

    // Guarded by this.
    private final Epoll.Events batch = new Epoll.Events(BATCH);
    private final Map<Endpoint, Long> hungUp = new LinkedHashMap<>();
    private boolean sealed;

    private volatile boolean closed;

    /** @throws LuoException EMFILE · ENFILE */
    Endpoints() throws LuoException {
        requests = Epoll.create();
        try {
            hangUps = Epoll.create();
            try {
                wake = EventFd.create();
            } catch (LuoException e) {
                hangUps.close();
                throw e;
            }
        } catch (LuoException e) {
            requests.close();
            throw e;
        }
    }

    long nextKey() {
        return keys.incrementAndGet();
    }

    /**
     * Begins to serve an endpoint.
     *
     * <p>Undo: {@link Endpoint#end}.
     *
     * @throws LuoException EAGAIN once sealed · ENOSPC, ENOMEM; the endpoint is the caller's then
     */
    synchronized void add(Endpoint endpoint) throws LuoException {
        if (sealed) {
            throw LuoException.of(Errno.EAGAIN, "serve " + endpoint + ": the door is closed");
        }
        int fd = endpoint.socket().fd();
        open.put(endpoint.key, endpoint);
        try {
            hangUps.add(fd, HANG_UP, endpoint.key);
            requests.add(fd, Endpoint.EVENTS, endpoint.key);
        } catch (LuoException e) {
            remove(endpoint);
            throw e;
        }
    }

    void watchAgain(Endpoint endpoint) throws LuoException {
        if (!closed) {
            requests.modify(endpoint.socket().fd(), Endpoint.EVENTS, endpoint.key);
        }
    }

    /** Forgets an endpoint. Its file may be open elsewhere too, so it is taken out of both epolls. */
    synchronized void remove(Endpoint endpoint) {
        open.remove(endpoint.key);
        hungUp.remove(endpoint);
        if (!closed) {
            requests.remove(endpoint.socket().fd());
            hangUps.remove(endpoint.socket().fd());
        }
    }

    /** Waits for an event. Many threads may, and each takes one at a time. */
    int await(Epoll.Events event, int timeoutMillis) throws LuoException {
        return requests.await(event, timeoutMillis);
    }

    /** The endpoint that an event belongs to; null if it has gone meanwhile. */
    Endpoint get(long key) {
        return open.get(key);
    }

    /** All that are open, in the order in which they came. */
    List<Endpoint> all() {
        List<Endpoint> all = new ArrayList<>(open.values());
        all.sort(Comparator.comparingLong(endpoint -> endpoint.key));
        return all;
    }

    /**
     * All that are open though the other side has gone, with the time of {@link System#nanoTime} at which that was
     * noticed. Every close(2) that has returned has been noticed when this returns.
     */
    synchronized Map<Endpoint, Long> hungUp() {
        try {
            while (!closed && hangUps.await(batch, 0) > 0) {
                long now = System.nanoTime();
                for (int i = 0; i < batch.count(); i++) {
                    Endpoint endpoint = open.get(batch.key(i));
                    if (endpoint != null) {
                        hungUp.putIfAbsent(endpoint, now);
                    }
                }
            }
        } catch (LuoException e) {
            throw new IllegalStateException(e); // it is open
        }
        return new LinkedHashMap<>(hungUp);
    }

    /**
     * Answers with a socket and closes it here. Nobody asks for {@link #hungUp} in between: to a client that closes it
     * at once it would seem that it has not.
     */
    synchronized void giveAway(UnixSocket theirs, Exchange exchange, Command command) {
        try (theirs) {
            exchange.answer(command, theirs.fd());
        }
    }

    /** Takes in no more. */
    synchronized void seal() {
        sealed = true;
    }

    /** Makes every wait return at once, from now on. */
    void wakeAll() throws LuoException {
        requests.add(wake.fd(), Epoll.EPOLLIN, 0);
        wake.signal();
    }

    /** Closes it; no thread waits. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        requests.close();
        hangUps.close();
        wake.close();
    }
}
