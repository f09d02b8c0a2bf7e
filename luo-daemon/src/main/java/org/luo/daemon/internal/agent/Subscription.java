// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import org.luo.SessionName;

/**
 * A client that wants to be asked before a live update.
 *
 * <p>Happy path: IDLE → CHOSEN → ASKED → READY → handed over. Unhappy: ASKED → REFUSED or GONE, and the preparation fails; READY
 * → IDLE when it is cancelled. {@link Subscriptions} guards what changes.
 */
final class Subscription {
    /** Where it is. */
    enum State {
        /** Nothing is under way. */
        IDLE,
        /** It is about to be asked. */
        CHOSEN,
        /** It has the session's fd and preserves. */
        ASKED,
        /** It has preserved everything. */
        READY,
        /** It does not want the live update. */
        REFUSED,
        /** It went without an answer. */
        GONE
    }

    final SessionName name;
    final Connection connection;
    final long timeoutMillis;

    /** How it wants the event to be called. */
    final String event;

    // Guarded by the subscriptions.
    State state = State.IDLE;
    boolean connected = true;
    long deadline;
    String reason = "";

    Subscription(SessionName name, Connection connection, long timeoutMillis, String event) {
        this.name = name;
        this.connection = connection;
        this.timeoutMillis = timeoutMillis;
        this.event = event;
    }

    int uid() {
        return connection.peer().uid();
    }

    @Override
    public String toString() {
        return "subscriber '" + name + "' (uid " + uid() + ", process "
                + connection.peer().pid() + ")";
    }
}
