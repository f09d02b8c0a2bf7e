// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.daemon.internal.agent.Subscription.State;

/** Who wants to be asked, in the order in which they came, and what they answer. Thread-safe; its lock is a leaf. */
final class Subscriptions {
    private static final int NAMED = 8;

    // Guarded by this.
    private final Map<SessionName, Subscription> all = new LinkedHashMap<>();
    private boolean closed;

    /** @throws LuoException EEXIST if somebody else uses the name */
    synchronized void add(Subscription subscription) throws LuoException {
        Subscription other = all.putIfAbsent(subscription.name, subscription);
        if (other != null) {
            throw LuoException.of(Errno.EEXIST, "subscribe as '" + subscription.name + "': another client has done so");
        }
    }

    /** The one of a name, or null. */
    synchronized Subscription get(SessionName name) {
        return all.get(name);
    }

    /** Begins to ask everybody. Undo: {@link #cancelled} for each. */
    synchronized List<Subscription> choose() {
        all.values().forEach(subscription -> subscription.state = State.CHOSEN);
        return List.copyOf(all.values());
    }

    /** @throws LuoException EBUSY between the question and the end of the live update */
    synchronized void remove(Subscription subscription) throws LuoException {
        if (subscription.state != State.IDLE) {
            throw LuoException.of(
                    Errno.EBUSY, "unsubscribe '" + subscription.name + "': a live update is being prepared");
        }
        all.remove(subscription.name, subscription);
    }

    /** Its client has gone. What it has made ready stays so. */
    synchronized void gone(Subscription subscription) {
        subscription.connected = false;
        if (subscription.state == State.IDLE) {
            all.remove(subscription.name, subscription);
        } else if (subscription.state == State.CHOSEN || subscription.state == State.ASKED) {
            subscription.state = State.GONE;
            notifyAll();
        }
    }

    /** It is about to be asked, and has its time from now on. */
    synchronized void asked(Subscription subscription) {
        subscription.state = subscription.state == State.CHOSEN ? State.ASKED : State.GONE;
        subscription.deadline = System.nanoTime() + subscription.timeoutMillis * 1_000_000;
    }

    /**
     * Its client has answered.
     *
     * @param state READY or REFUSED
     * @throws LuoException EINVAL if nobody has asked, or it has answered
     */
    synchronized void answered(Subscription subscription, State state, String reason) throws LuoException {
        if (subscription.state != State.ASKED) {
            throw LuoException.of(Errno.EINVAL, "an answer of '" + subscription.name + "', which is not being asked");
        }
        subscription.state = state;
        subscription.reason = reason;
        notifyAll();
    }

    /** The live update is not to be. Returns whether there is a client that has been asked, and is to be told. */
    synchronized boolean cancelled(Subscription subscription) {
        boolean asked = subscription.state != State.CHOSEN;
        subscription.state = State.IDLE;
        if (!subscription.connected) {
            all.remove(subscription.name, subscription);
        }
        return asked && subscription.connected;
    }

    /**
     * Waits until all of these are ready.
     *
     * @throws LuoException EBUSY with the reason of one that refuses · ECONNRESET if one has gone · ETIMEDOUT naming those
     *     whose time is over · EAGAIN if the door closes, or this thread is interrupted
     */
    synchronized void awaitReady(List<Subscription> asked) throws LuoException {
        try {
            while (true) {
                refuseUnready(asked);
                long now = System.nanoTime();
                long left = Long.MAX_VALUE;
                boolean ready = true;
                for (Subscription subscription : asked) {
                    if (subscription.state == State.ASKED) {
                        ready = false;
                        left = Math.min(left, subscription.deadline - now);
                    }
                }
                if (ready) {
                    return;
                }
                wait(Math.max(1, left / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, "prepare: interrupted while subscribers preserve", e);
        }
    }

    private void refuseUnready(List<Subscription> asked) throws LuoException {
        if (closed) {
            throw LuoException.of(Errno.EAGAIN, "prepare: the agent's door is closed");
        }
        for (Subscription subscription : asked) {
            if (subscription.state == State.REFUSED) {
                throw LuoException.of(
                        Errno.EBUSY, "prepare: " + subscription + " is not ready: " + subscription.reason);
            }
            if (subscription.state == State.GONE) {
                throw LuoException.of(Errno.ECONNRESET, "prepare: " + subscription + " went before it was ready");
            }
        }
        long now = System.nanoTime();
        List<Subscription> late = asked.stream()
                .filter(subscription -> subscription.state == State.ASKED && subscription.deadline - now <= 0)
                .toList();
        if (!late.isEmpty()) {
            throw LuoException.of(Errno.ETIMEDOUT, "prepare: " + named(late) + ": not ready in time");
        }
    }

    private static String named(List<Subscription> late) {
        String names = late.stream()
                .limit(NAMED)
                .map(subscription -> subscription + " after " + subscription.timeoutMillis + " ms")
                .collect(Collectors.joining(", "));
        return late.size() <= NAMED ? names : names + " and " + (late.size() - NAMED) + " more";
    }

    /** Nobody will answer any more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
