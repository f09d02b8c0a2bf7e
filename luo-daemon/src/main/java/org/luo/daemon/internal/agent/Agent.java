// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.daemon.internal.Protocol;
import org.luo.daemon.internal.agent.Claims.Owner;
import org.luo.daemon.internal.agent.Subscription.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What clients ask for, and what a live update asks of them.
 *
 * <p>Happy path: subscriptions → {@link #prepare} → {@link #freeze} → {@link #close}. Unhappy: {@link #cancel}, before the
 * freeze at once, after it with {@link #unfreeze}.
 */
final class Agent {
    private static final Logger LOG = LoggerFactory.getLogger("luo.agent");
    private static final String START = "START_PRESERVATION";
    private static final String START_TOO = "PRESERVATION_REQUEST";
    private static final long TIMEOUT_MILLIS = 30_000;
    private static final long MOST_MILLIS = 600_000;

    private final boolean enabled;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Claims claims = new Claims();
    private volatile Sessions sessions;

    // Guarded by this.
    private Round round;
    private Thread closing;
    private boolean frozen;
    private boolean cancelled;
    private byte[] state;

    /** @param enabled whether there can be live updates at all */
    Agent(boolean enabled) {
        this.enabled = enabled;
    }

    /** Whose the sessions are that came over. */
    void inherit(List<Owner> owners) {
        claims.add(owners);
    }

    /** Whom to ask; null as long as there is nobody. */
    void sessions(Sessions present) {
        sessions = present;
    }

    /** Whether requests can be served. */
    boolean isServing() {
        return sessions != null;
    }

    /** Serves a line, on the server's thread. */
    void serve(Connection connection, byte[] line) {
        try {
            execute(connection, Request.of(line));
        } catch (LuoException e) {
            LOG.debug("process {}: {}", connection.peer().pid(), e.getMessage());
            connection.send(Protocol.error(e));
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            LOG.error("a request to the agent failed", e);
            connection.send(Protocol.error(LuoException.of(Errno.EIO, "the request failed: " + e)));
        }
    }

    private void execute(Connection connection, Request request) throws LuoException {
        if (!enabled) {
            throw LuoException.of(Errno.EOPNOTSUPP, "live update is switched off");
        }
        switch (request.command()) {
            case "SUBSCRIBE" -> subscribe(connection, request);
            case "UNSUBSCRIBE" -> unsubscribe(connection, request);
            case "READY" -> answer(connection, request, State.READY, "");
            case "NOT_READY" -> answer(connection, request, State.REFUSED, request.text("reason", "no reason given"));
            case "CLAIM" -> claim(connection, request);
            case "RELEASE" -> {
                claims.release(request.requireId(), connection.peer());
                done(connection, request, request.requireId());
            }
            default -> throw LuoException.of(Errno.ENOSYS, "no command '" + Request.shown(request.command()) + "'");
        }
    }

    private void subscribe(Connection connection, Request request) throws LuoException {
        SessionName name = request.requireId();
        long timeout = request.number("timeout_ms", TIMEOUT_MILLIS, 1, MOST_MILLIS);
        String event = request.text("event", START);
        if (!event.equals(START) && !event.equals(START_TOO)) {
            throw LuoException.of(Errno.EINVAL, "subscribe '" + name + "': no event '" + event + "'");
        }
        if (connection.subscription != null) {
            throw LuoException.of(
                    Errno.EBUSY,
                    "subscribe '" + name + "': this connection has subscribed '" + connection.subscription.name + "'");
        }
        claims.refuseStranger(name, connection.peer());
        Subscription other = subscriptions.get(name);
        if (other != null && other.connection.isHungUp()) {
            subscriptions.gone(other);
        }
        if (sessions.names(Direction.OUTGOING).contains(name)) {
            throw LuoException.of(Errno.EEXIST, "subscribe '" + name + "': there is a session of that name");
        }
        Subscription subscription = new Subscription(name, connection, timeout, event);
        subscriptions.add(subscription);
        connection.subscription = subscription;
        LOG.debug("{} has come", subscription);
        acknowledge(connection, request, name);
    }

    private void unsubscribe(Connection connection, Request request) throws LuoException {
        Subscription subscription = subscription(connection, request);
        subscriptions.remove(subscription);
        connection.subscription = null;
        done(connection, request, subscription.name);
    }

    private void answer(Connection connection, Request request, State state, String reason) throws LuoException {
        Subscription subscription = subscription(connection, request);
        subscriptions.answered(subscription, state, reason);
        acknowledge(connection, request, subscription.name);
    }

    private static Subscription subscription(Connection connection, Request request) throws LuoException {
        Subscription subscription = connection.subscription;
        if (subscription == null || !request.id().orElse(subscription.name).equals(subscription.name)) {
            throw LuoException.of(Errno.ENOENT, request.command() + ": this connection has not subscribed as that");
        }
        return subscription;
    }

    private void claim(Connection connection, Request request) throws LuoException {
        SessionName name = request.requireId();
        claims.claim(name, connection, sessions, event("CLAIMED", name));
        LOG.info("session '{}' claimed by process {}", name, connection.peer().pid());
    }

    /** The usual clients expect no answer, so one is given only to those who want it. */
    private static void acknowledge(Connection connection, Request request, SessionName name) {
        if (request.flag("ack")) {
            done(connection, request, name);
        }
    }

    private static void done(Connection connection, Request request, SessionName name) {
        connection.send(Protocol.line(Map.of("event", "DONE", "cmd", request.command(), "id", id(name))));
    }

    static byte[] event(String event, SessionName name) {
        return Protocol.line(Map.of("event", event, "id", id(name)));
    }

    private static String id(SessionName name) {
        return new String(name.bytes(), StandardCharsets.UTF_8);
    }

    /** A client has gone; on the server's thread. */
    void gone(Connection connection) {
        if (connection.subscription != null) {
            subscriptions.gone(connection.subscription);
        }
    }

    /**
     * Asks all subscribers to preserve their files, and waits until they have.
     *
     * <p>Undo: {@link #cancel}; on throw it has been undone.
     *
     * @throws LuoException what {@link Round#run} says · ENOSPC if too much came over that nobody claims
     */
    void prepare() throws LuoException {
        Sessions present = sessions;
        if (present == null) {
            return; // then nobody could subscribe
        }
        awaitClosed();
        claims.retain(present.names(Direction.INCOMING));
        Round next = new Round(subscriptions, present);
        synchronized (this) {
            round = next;
        }
        boolean ready = false;
        try {
            next.run();
            if (owners().size() > Inherited.MOST) {
                throw LuoException.of(
                        Errno.ENOSPC, "prepare: more than " + Inherited.MOST + " sessions of subscribers");
            }
            settle();
            ready = true;
        } finally {
            if (!ready) {
                cancel();
            }
        }
    }

    /** Ahead of the blackout. Whoever finishes his session until then is named in vain. */
    private synchronized void settle() {
        state = Inherited.data(owners());
    }

    /** What was taken back while frozen may still be on its way out. */
    private void awaitClosed() throws LuoException {
        Thread before;
        synchronized (this) {
            before = closing;
            closing = null;
        }
        try {
            if (before != null && !before.join(Duration.ofMillis(TIMEOUT_MILLIS))) {
                throw LuoException.of(Errno.EAGAIN, "prepare: sessions of subscribers are still being closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "prepare: interrupted", e);
        }
    }

    /** Whose sessions the successor gets. */
    List<Owner> owners() {
        List<Owner> owners = new ArrayList<>(claims.owners());
        synchronized (this) {
            if (round != null) {
                owners.addAll(round.owners());
            }
        }
        return owners;
    }

    /** Takes a preparation back; while frozen, once that is over, since sessions can't be closed before. */
    void cancel() {
        Round over;
        synchronized (this) {
            cancelled = frozen;
            over = frozen ? null : round;
            round = frozen ? round : null;
        }
        if (over != null) {
            over.cancel();
        }
    }

    /** Says whose sessions go over. */
    synchronized byte[] freeze() {
        frozen = true;
        if (state == null) {
            settle();
        }
        return state;
    }

    /** The update did not happen. */
    synchronized void unfreeze() {
        frozen = false;
        if (cancelled && round != null) {
            closing = Thread.ofPlatform().name("luo-agent-closer").daemon().start(round::cancel);
            round = null;
        }
        cancelled = false;
    }

    /** Nobody will answer any more; who waits for that gives up. */
    void stop() {
        subscriptions.close();
    }

    /** Lets go of all sessions: a successor has them, or they end with the last fd that clients have. */
    void close() {
        claims.close();
        synchronized (this) {
            if (round != null) {
                round.letGo();
            }
        }
    }
}
