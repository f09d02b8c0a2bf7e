// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.luo.Errno;
import org.luo.LiveUpdateEvent;
import org.luo.LuoException;
import org.luo.linux.Poll;
import org.luo.linux.UnixSocket;

/**
 * Tells one client what happens, as it happens, on the thread of its connection.
 *
 * <p>It is no request under way: no live update and no closing door waits for it, and in the blackout it is silent. What
 * was said before the door closed still gets out, if the client reads; then it is told why there is no more. A client
 * that does not read stays, and loses events.
 */
final class Following {
    /** Longer than the orchestrator takes to tell what has happened. */
    private static final long LAST_WORDS_MILLIS = 50;

    private static final long LOOK_MILLIS = 250;
    private static final int BATCH = 16;

    private final UnixSocket client;
    private final Traffic traffic;
    private final EventQueue events;

    Following(UnixSocket client, Traffic traffic, EventQueue events) {
        this.client = client;
        this.traffic = traffic;
        this.events = events;
    }

    /**
     * Goes on until the client says something, or goes, or the door closes.
     *
     * @return whether requests may follow
     */
    boolean run() throws LuoException {
        int[] fds = {client.fd(), events.fd(), traffic.closingFd()};
        while (!traffic.isClosed()) {
            short[] happened = Poll.await(fds, Poll.POLLIN, -1);
            if (happened[0] != 0) {
                return true;
            }
            if (traffic.awaitOpen()) {
                tell();
            }
        }
        Poll.await(client.fd(), Poll.POLLIN, LAST_WORDS_MILLIS);
        tell();
        if (hasRoom(0)) {
            write(Protocol.error(why()));
        }
        return false;
    }

    private LuoException why() {
        return traffic.hasHandedOver()
                ? LuoException.of(Errno.ERESTART, "events: another process serves now; follow that one")
                : LuoException.of(Errno.ESHUTDOWN, "events: the platform ends");
    }

    /** Writes what waits, as long as the client reads. */
    private void tell() throws LuoException {
        while (awaitRoom()) {
            List<LiveUpdateEvent> batch = events.take(BATCH);
            if (batch.isEmpty()) {
                return;
            }
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            batch.forEach(event -> lines.writeBytes(Protocol.event(event)));
            write(lines.toByteArray());
        }
    }

    /** Whether there is room, which is waited for unless the client wants something or the door closes. */
    private boolean awaitRoom() throws LuoException {
        while (!hasRoom(LOOK_MILLIS)) {
            if (traffic.isClosed() || Poll.await(client.fd(), Poll.POLLIN, 0) != 0) {
                return false;
            }
        }
        traffic.awaitOpen();
        return true;
    }

    private boolean hasRoom(long millis) throws LuoException {
        return (Poll.await(client.fd(), Poll.POLLOUT, millis) & Poll.POLLOUT) != 0;
    }

    private void write(byte[] lines) throws LuoException {
        client.write(lines, 0, lines.length);
    }
}
