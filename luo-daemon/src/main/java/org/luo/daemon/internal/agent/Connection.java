// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.daemon.internal.Protocol;
import org.luo.linux.Packet;
import org.luo.linux.Peer;
import org.luo.linux.Poll;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client. The server's thread reads; whoever has something to say sends, at once or not at all: a client that does
 * not read is dropped.
 */
final class Connection {
    /** Longest line in bytes. */
    static final int MAX_LINE = 4096;

    private static final short GONE = Poll.POLLRDHUP | Poll.POLLHUP | Poll.POLLERR;
    private static final Logger LOG = LoggerFactory.getLogger("luo.agent");

    /** Takes up a line. */
    @FunctionalInterface
    interface Lines {
        void line(byte[] line);
    }

    private final UnixSocket socket; // sending is guarded by this
    private final Peer peer;

    // Of the server's thread.
    private final byte[] line = new byte[MAX_LINE];
    private int length;
    private boolean tooLong;
    private long begun;

    /** What this client has subscribed as, or null. Of the server's thread. */
    Subscription subscription;

    /**
     * A connection that has been accepted.
     *
     * @param socket non-blocking; belongs to this object from here on
     */
    Connection(UnixSocket socket, Peer peer) {
        this.socket = socket;
        this.peer = peer;
    }

    int fd() {
        return socket.fd();
    }

    Peer peer() {
        return peer;
    }

    /** Takes up what has come. Returns whether the client is still there. */
    boolean read(Packet packet, Lines lines) {
        switch (packet.receive(socket.fd())) {
            case NOTHING:
                return true;
            case END:
                return false;
            default:
        }
        packet.received().closeFds(); // nobody wants any
        MemorySegment data = packet.data();
        for (int i = 0; i < packet.received().bytes(); i++) {
            take(data.get(ValueLayout.JAVA_BYTE, i), lines);
        }
        return true;
    }

    private void take(byte octet, Lines lines) {
        if (octet == '\n') {
            boolean skipped = tooLong;
            byte[] whole = Arrays.copyOf(line, length);
            length = 0;
            tooLong = false;
            if (skipped) {
                send(Protocol.error(
                        LuoException.of(Errno.EMSGSIZE, "request longer than " + MAX_LINE + " bytes: skipped")));
            } else {
                lines.line(whole);
            }
            return;
        }
        if (length == 0) {
            begun = System.nanoTime();
        }
        if (length < MAX_LINE) {
            line[length++] = octet;
        } else {
            tooLong = true;
        }
    }

    /** Whether a line has begun, and has not ended. */
    boolean isHalfWay() {
        return length > 0;
    }

    /** Whether a line began so long ago and has not ended. */
    boolean isSlow(long nanos) {
        return length > 0 && System.nanoTime() - begun > nanos;
    }

    /** Sends a line, with fds that stay the caller's, or drops the client. */
    synchronized void send(byte[] text, int... fds) {
        if (socket.fd() < 0) {
            return;
        }
        try {
            socket.send(text, fds);
        } catch (LuoException e) {
            LOG.debug("process {} is dropped: {}", peer.pid(), e.getMessage());
            socket.shutdown(); // the server's thread sees that, and closes
        }
    }

    /** Makes the server's thread see the end. */
    synchronized void shutdown() {
        if (socket.fd() >= 0) {
            socket.shutdown();
        }
    }

    /** Whether the client has hung up, though the server's thread has not seen it yet. */
    synchronized boolean isHungUp() throws LuoException {
        return socket.fd() < 0 || (Poll.await(socket.fd(), Poll.POLLRDHUP, 0) & GONE) != 0;
    }

    synchronized void close() {
        socket.close();
    }
}
