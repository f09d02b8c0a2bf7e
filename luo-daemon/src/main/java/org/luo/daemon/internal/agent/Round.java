// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.daemon.internal.agent.Claims.Owner;
import org.luo.linux.Fds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The preparation of one live update: a session for each subscriber, whose fd it gets and of which a copy is kept here,
 * so that the session outlives its client.
 *
 * <p>It is run and cancelled by one thread at a time. The lock is held while an fd is sent, so that it is the right file.
 */
final class Round {
    private static final Logger LOG = LoggerFactory.getLogger("luo.agent");
    private static final int NONE = -1;

    /** A session in custody. */
    private static final class Kept {
        private final Subscription subscription;
        private final OutgoingSession session;
        private int fd; // guarded by the round

        private Kept(Subscription subscription, OutgoingSession session, int fd) {
            this.subscription = subscription;
            this.session = session;
            this.fd = fd;
        }
    }

    private final Subscriptions subscriptions;
    private final Sessions sessions;
    private final List<Subscription> asked;
    private final List<Kept> kept = new ArrayList<>(); // guarded by this
    private boolean letGo; // guarded by this

    /** Chooses everybody who has subscribed. Undo: {@link #cancel}. */
    Round(Subscriptions subscriptions, Sessions sessions) {
        this.subscriptions = subscriptions;
        this.sessions = sessions;
        this.asked = subscriptions.choose();
    }

    /**
     * Asks everybody, and waits until all are ready. Undo, also when it throws: {@link #cancel}.
     *
     * @throws LuoException EEXIST naming a session that is in the way · what {@link Subscriptions#awaitReady} says ·
     *     what creating sessions says
     */
    void run() throws LuoException {
        if (asked.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        refuseUnclaimed();
        for (Subscription subscription : asked) {
            open(subscription);
        }
        List<Kept> all;
        synchronized (this) {
            all = List.copyOf(kept);
        }
        all.forEach(this::ask);
        subscriptions.awaitReady(asked);
        LOG.info(
                "{} ready after {} ms", Amount.of(asked.size(), "subscriber"), (System.nanoTime() - start) / 1_000_000);
    }

    /** Else the freeze would find it, in the blackout. */
    private void refuseUnclaimed() throws LuoException {
        Set<SessionName> unclaimed = sessions.unclaimed();
        for (Subscription subscription : asked) {
            if (unclaimed.contains(subscription.name)) {
                throw LuoException.of(
                        Errno.EEXIST,
                        "prepare: " + subscription + " has not claimed the session that came over for it");
            }
        }
    }

    private void open(Subscription subscription) throws LuoException {
        OutgoingSession session = sessions.create(subscription.name);
        int fd;
        try {
            fd = sessions.fd(session);
        } catch (LuoException e) {
            close(session);
            throw e;
        }
        boolean late;
        synchronized (this) {
            late = letGo;
            if (!late) {
                kept.add(new Kept(subscription, session, fd));
            }
        }
        if (late) {
            Fds.close(fd);
            throw LuoException.of(Errno.EAGAIN, "prepare: the agent's door is closed");
        }
    }

    private synchronized void ask(Kept one) {
        Subscription subscription = one.subscription;
        subscriptions.asked(subscription);
        if (one.fd != NONE) {
            byte[] line = Agent.event(subscription.event, subscription.name);
            subscription.connection.send(line, one.fd);
        }
    }

    /** Whose the sessions will be in the successor. */
    List<Owner> owners() {
        return asked.stream()
                .map(subscription -> new Owner(subscription.name, subscription.uid()))
                .toList();
    }

    /** Closes all sessions, latest first, whoever has their fds, and then tells their clients. */
    void cancel() {
        List<Kept> closing;
        synchronized (this) {
            closing = List.copyOf(kept);
        }
        closing.reversed().forEach(one -> close(one.session));
        letGo();
        for (Subscription subscription : asked) {
            if (subscriptions.cancelled(subscription)) {
                subscription.connection.send(Agent.event("CANCELLED", subscription.name));
            }
        }
    }

    private static void close(OutgoingSession session) {
        try {
            session.close();
        } catch (LuoException e) {
            LOG.warn("session '{}' is closed when its client's fd is: {}", session.name(), e.getMessage());
        }
    }

    /** Closes the fds, and no session but those that no client has. */
    synchronized void letGo() {
        letGo = true;
        for (Kept one : kept) {
            if (one.fd != NONE) {
                Fds.close(one.fd);
                one.fd = NONE;
            }
        }
    }
}
