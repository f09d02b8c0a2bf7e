// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Poll;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/**
 * One end of the conversation between predecessor and successor: composes, sends and receives messages.
 *
 * <p>What comes in is checked before anybody sees it: truncation, magic, kind, and whether such a message may be of that
 * size and carry as many fds. Fds that nobody {@linkplain #takeFds() takes} are closed with the next message.
 *
 * <p>Context: one thread, but for {@link #shutdown}. Buffers are reused: a body is valid until the next message.
 */
final class Wire implements AutoCloseable {
    /** Longest message. */
    static final int MAX_BYTES = 1 << 16;

    /** Patience without end. */
    static final Duration FOR_EVER = Duration.ZERO;

    private static final int MAGIC = 0x4f55_4c48;
    private static final int HEADER = 16;
    private static final int SOCKET_BUFFER = 4 << 20;
    private static final int[] NO_FDS = {};
    private static final long RETRY_NANOS = 500_000;

    private final UnixSocket socket;
    private final String peer;
    private final Duration sendTimeout;
    private final Watchful watchful;
    private final MemorySegment outgoing = Arena.ofAuto().allocate(MAX_BYTES);
    private final MemorySegment incoming = Arena.ofAuto().allocate(MAX_BYTES);
    private final ByteBuffer out = outgoing.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer in = incoming.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    private Duration timeout = Duration.ZERO;
    private long epoch;
    private int[] fds = NO_FDS;

    /**
     * @param socket closed with this
     * @param peer the other side in error messages, such as {@code successor 4711}
     * @param sendTimeout how long one message may wait for room in the socket
     */
    Wire(UnixSocket socket, String peer, Duration sendTimeout) throws LuoException {
        this.socket = socket;
        this.peer = peer;
        this.sendTimeout = sendTimeout;
        // The kernel gives what its limits allow. All batches of 10,000 fds take 350 KB.
        socket.setBufferSizes(SOCKET_BUFFER, SOCKET_BUFFER);
        socket.setSendTimeout(sendTimeout.toMillis());
        this.watchful = new Watchful(socket); // last: it has an fd
    }

    /** The other side, for error messages. */
    String peer() {
        return peer;
    }

    /** Begins a message; the caller appends its body. */
    ByteBuffer compose(Kind kind, long number) {
        out.clear();
        return out.putInt(MAGIC)
                .putShort((short) kind.ordinal())
                .putShort((short) 0)
                .putLong(number);
    }

    /** Sends what was composed. */
    void send() throws LuoException {
        send(NO_FDS, 0, 0);
    }

    /**
     * Sends what was composed, with fds.
     *
     * <p>The limit behind ETOOMANYREFS is this process's RLIMIT_NOFILE, counted over all fds of the user that are on
     * their way: ours alone cannot reach it, together with others' they can, so wait until some have arrived.
     *
     * @throws LuoException EPIPE if the other side has gone · ETIMEDOUT if it does not read
     */
    void send(int[] files, int from, int count) throws LuoException {
        MemorySegment message = outgoing.asSlice(0, out.position());
        long deadline = System.nanoTime() + sendTimeout.toNanos();
        while (true) {
            try {
                socket.send(message, files, from, count);
                return;
            } catch (LuoException e) {
                if (e.errno() == Errno.ECONNRESET) {
                    // Said once, here or to a receiver, of a side that has gone and left something unread.
                    throw LuoException.of(Errno.EPIPE, peer + " has gone", e);
                }
                if (e.errno() != Errno.ETOOMANYREFS || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /**
     * Receives a message.
     *
     * @param patience how long to wait
     * @throws LuoException EPIPE if the other side has gone · ETIMEDOUT · EMFILE if there was no room for the fds ·
     *     EBADMSG if it is not a message of ours
     */
    Kind receive(Duration patience) throws LuoException {
        closeFds();
        if (!patience.equals(timeout)) {
            socket.setReceiveTimeout(patience.toMillis());
            timeout = patience;
        }
        Received received = receive();
        if (received.eof()) {
            throw LuoException.of(Errno.EPIPE, peer + " has gone");
        }
        fds = received.fds();
        if (received.controlTruncated()) {
            throw LuoException.of(Errno.EMFILE, "fds from " + peer + " got lost: " + Fds.rlimitNofile());
        }
        return check(received);
    }

    /** Whether there is something to receive, the end included. */
    boolean isReadable(long timeoutMillis) throws LuoException {
        return Poll.await(socket.fd(), Poll.POLLIN, timeoutMillis) != 0;
    }

    /** How messages are waited for: asleep, unless it is told otherwise. */
    Watchful watchful() {
        return watchful;
    }

    private Received receive() throws LuoException {
        try {
            return receiveOnce();
        } catch (LuoException e) {
            if (e.errno() != Errno.ECONNRESET) {
                throw e;
            }
            // Said once, and before what the other side sent last: that is still there to be read.
            return receiveOnce();
        }
    }

    private Received receiveOnce() throws LuoException {
        Received found = watchful.look(incoming);
        return found == null ? socket.receive(incoming) : found;
    }

    private Kind check(Received received) throws LuoException {
        int bytes = received.bytes() - HEADER;
        if (received.dataTruncated() || bytes < 0 || in.getInt(0) != MAGIC || in.getShort(6) != 0) {
            throw malformed("no message of ours in " + received.bytes() + " bytes");
        }
        Kind kind = Kind.of(Short.toUnsignedInt(in.getShort(4)));
        if (kind == null || !kind.fits(bytes, fds.length)) {
            throw malformed("kind " + in.getShort(4) + " with " + bytes + " bytes and " + Amount.of(fds.length, "fd"));
        }
        epoch = in.getLong(8);
        in.limit(HEADER + bytes).position(HEADER);
        return kind;
    }

    /** The epoch of the message received last. */
    long epoch() {
        return epoch;
    }

    /** The body of the message received last. */
    ByteBuffer body() {
        return in;
    }

    /** The fds of the message received last, which belong to the caller from here on. */
    int[] takeFds() {
        int[] taken = fds;
        fds = NO_FDS;
        return taken;
    }

    /** What is wrong with what the other side sent. */
    LuoException malformed(String what) {
        return LuoException.of(Errno.EBADMSG, "from " + peer + ": " + what);
    }

    /** A peer's text, made safe to print. */
    static String printable(ByteBuffer text) {
        return StandardCharsets.UTF_8.decode(text).toString().replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    /** Makes a waiting {@link #receive} of another thread end. */
    void shutdown() {
        socket.shutdown();
    }

    @Override
    public void close() {
        closeFds();
        watchful.close();
        socket.close();
    }

    private void closeFds() {
        for (int fd : takeFds()) {
            Fds.close(fd);
        }
    }
}
