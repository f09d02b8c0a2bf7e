// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.luo.CallbackInfo;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Session;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device and its sessions, from the opening of the door to its closing.
 *
 * <p>Happy path: {@link #open} → requests are taken up while there is an orchestrator → {@link #freeze} → {@link #close}.
 * Unhappy: freeze → {@link #unfreeze}.
 *
 * <p>Lock order: this → {@link Turnstile}, {@link Endpoint} → {@link Endpoints}. The orchestrator is called under none.
 */
final class Device implements Workers.Work {
    private static final Logger LOG = LoggerFactory.getLogger("luo.device");
    private static final long FREEZE_MILLIS = 5_000;
    private static final long CLOSE_MILLIS = 2_000;

    private final boolean enabled;
    private final Endpoints endpoints;
    private final Reaper reaper;
    private final Workers workers;
    private final Turnstile turnstile = new Turnstile();
    private volatile Sessions sessions;

    // Guarded by this.
    private UnixSocket listening;
    private DeviceConnection holder;
    private boolean frozen;

    /**
     * Serves nothing yet, but the first thread is there.
     *
     * <p>Undo: {@link #close}.
     *
     * @param enabled whether the device can be opened at all
     * @param sessions see {@link #sessions(Sessions)}
     * @throws LuoException EMFILE
     */
    Device(boolean enabled, Sessions sessions) throws LuoException {
        this.enabled = enabled;
        this.sessions = sessions;
        this.endpoints = new Endpoints();
        this.reaper = new Reaper(endpoints);
        this.workers = new Workers(endpoints, this);
        workers.start();
    }

    /**
     * Begins to serve.
     *
     * @param sockets belong to the device from here on, unless it throws; then it is to be closed
     * @throws LuoException ENOSPC · ENOMEM
     */
    void open(Inherited sockets) throws LuoException {
        synchronized (this) {
            listening = sockets.listening();
        }
        endpoints.add(new Listener(sockets.listening(), endpoints, this));
        for (UnixSocket connection : sockets.connections()) {
            endpoints.add(new DeviceConnection(connection, endpoints, this));
        }
        turn();
    }

    /** Whom to ask; null as long as there is nobody, and requests wait. */
    void sessions(Sessions present) {
        sessions = present;
        turn();
    }

    /** @throws LuoException EOPNOTSUPP if the orchestrator has just gone */
    Sessions sessions() throws LuoException {
        Sessions present = sessions;
        if (present == null) {
            throw LuoException.of(Errno.EOPNOTSUPP, "this process owns no sessions");
        }
        return present;
    }

    Reaper reaper() {
        return reaper;
    }

    private synchronized void turn() {
        if (sessions != null && !frozen) {
            turnstile.open().forEach(Endpoint::watchAgain);
        } else {
            turnstile.shut();
        }
    }

    @Override
    public void serve(Endpoint endpoint, int events, Exchange exchange) {
        if (turnstile.enter(endpoint, exchange)) {
            try {
                if (endpoint.claim()) {
                    endpoint.run(events, exchange);
                }
            } finally {
                turnstile.leave();
            }
        }
    }

    @Override
    public Set<Thread> tick() {
        Set<Thread> hanging = new HashSet<>();
        Map<Thread, Turnstile.Serving> inside = turnstile.inside();
        if (!inside.isEmpty()) {
            Map<Exchange, Long> requests = new LinkedHashMap<>(); // looked at first: who hangs below still serves these
            inside.values().forEach(serving -> note(serving.exchange(), requests));
            Set<Long> overdue = overdue();
            inside.forEach((thread, serving) -> {
                if (overdue.contains(thread.threadId())) {
                    hanging.add(thread);
                    giveUp(serving, requests);
                    endpoints.all().forEach(endpoint -> endpoint.disown(thread));
                }
            });
        }
        reaper.tryAgain();
        return hanging;
    }

    private static void note(Exchange exchange, Map<Exchange, Long> requests) {
        for (Exchange each = exchange; each != null; each = each.within()) {
            requests.put(each, each.number());
        }
    }

    /** The threads in which nobody waits for a plug-in's callback any more. */
    private Set<Long> overdue() {
        Sessions present = sessions;
        return present == null
                ? Set.of()
                : present.callbacks().stream()
                        .filter(CallbackInfo::overdue)
                        .map(CallbackInfo::thread)
                        .collect(Collectors.toSet());
    }

    private static void giveUp(Turnstile.Serving serving, Map<Exchange, Long> requests) {
        for (Exchange each = serving.exchange(); each != null; each = each.within()) {
            Long request = requests.get(each);
            if (request != null && each.giveUp(request)) {
                LOG.warn(
                        "a request on {} is answered with ETIMEDOUT: a plug-in's callback hangs in it",
                        serving.endpoint());
            }
        }
    }

    /** Answers a connection: the device is opened by one client at a time. The socket is the device's. */
    void admit(UnixSocket accepted, Exchange exchange) {
        DeviceConnection connection = new DeviceConnection(accepted, endpoints, this);
        connection.claim(); // so that it is not ended, and its fd another file's, before it is answered
        int errno = 0;
        try {
            if (!enabled) {
                throw LuoException.of(Errno.EOPNOTSUPP, "open the device: it is switched off");
            }
            reaper.attempt(exchange, () -> hold(connection), Errno.EBUSY);
            endpoints.add(connection);
        } catch (LuoException e) {
            LOG.debug("{}", e.getMessage());
            errno = e.errno().number();
        }
        exchange.greet(accepted.fd(), errno);
        if (errno != 0) {
            closed(connection);
            accepted.close();
            return;
        }
        accepted.shutdownOutput(); // replies have sockets of their own, so who reads here need not wait
        if (!connection.release()) {
            connection.end();
        }
    }

    private synchronized DeviceConnection hold(DeviceConnection connection) throws LuoException {
        if (holder != null) {
            throw LuoException.of(Errno.EBUSY, "open the device: somebody has it open");
        }
        holder = connection;
        return connection;
    }

    /** The device can be opened again, if it was this connection that stood in the way. */
    synchronized void closed(DeviceConnection connection) {
        if (holder == connection) {
            holder = null;
        }
    }

    /**
     * Serves a session at a socket.
     *
     * <p>Undo: closing the last fd of the other end.
     *
     * @param end belongs to the device from here on, unless it throws
     * @throws LuoException EAGAIN if the door is closed · ENOSPC, ENOMEM
     */
    void serve(UnixSocket end, Session session) throws LuoException {
        end.shutdownOutput(); // as with the device
        endpoints.add(new SessionSocket(end, endpoints, reaper, session));
    }

    /** As {@link #serve(UnixSocket, Session)}, but the session is closed if it throws. */
    void serveOrClose(UnixSocket end, Session session) throws LuoException {
        try {
            serve(end, session);
        } catch (LuoException e) {
            reaper.close(session);
            throw e;
        }
    }

    /**
     * Takes up no more requests, and waits until those under way are answered and what is closed has gone.
     *
     * @return what the successor needs
     * @throws LuoException EAGAIN naming what is still under way after 5 s; nothing is frozen then
     */
    PluginState freeze() throws LuoException {
        synchronized (this) {
            frozen = true;
            turn();
        }
        long deadline = System.nanoTime() + FREEZE_MILLIS * 1_000_000;
        Optional<Endpoint> busy = turnstile.awaitEmpty(deadline).or(() -> reapBy(deadline));
        if (busy.isPresent()) {
            unfreeze();
            throw LuoException.of(
                    Errno.EAGAIN,
                    "freeze door device: a request on " + busy.get() + " is still under way after " + FREEZE_MILLIS
                            + " ms");
        }
        List<UnixSocket> connections = new ArrayList<>();
        for (Endpoint endpoint : endpoints.all()) {
            if (endpoint instanceof DeviceConnection) {
                connections.add(endpoint.socket());
            }
        }
        synchronized (this) {
            return new Inherited(listening, connections).state();
        }
    }

    /** Sessions that were closed before the freeze do not go over. Returns one that is still there after the time. */
    private Optional<Endpoint> reapBy(long deadline) {
        if (!reaper.isNeeded()) {
            return Optional.empty();
        }
        Thread reaping =
                Thread.ofPlatform().name("luo-device-reaper").daemon().start(() -> reaper.reap(new Exchange()));
        try {
            reaping.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return reaping.isAlive() ? endpoints.hungUp().keySet().stream().findFirst() : Optional.empty();
    }

    synchronized void unfreeze() {
        frozen = false;
        turn();
    }

    /**
     * Closes everything. After a freeze, what is queued on session fds is answered with ESTALE, since the sessions are
     * the successor's, as the other sockets are; otherwise all sessions are closed.
     *
     * @return whether it was frozen
     */
    boolean close() {
        boolean handedOver;
        synchronized (this) {
            handedOver = frozen;
            turnstile.shut();
            endpoints.seal();
        }
        turnstile.awaitEmpty(System.nanoTime() + CLOSE_MILLIS * 1_000_000);
        Exchange exchange = new Exchange();
        for (Endpoint endpoint : endpoints.all()) {
            if (endpoint.claimOrDoom()) {
                if (handedOver) {
                    endpoint.refuse(exchange);
                } else {
                    endpoint.abandon();
                }
                endpoint.end();
            }
        }
        workers.stop();
        return handedOver;
    }
}
