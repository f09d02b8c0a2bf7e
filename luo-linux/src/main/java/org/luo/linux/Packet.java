// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.luo.Errno;

/**
 * A small message in memory that is used over and over: for a thread that serves many sockets. Nothing here waits, and
 * what is usual (nothing to read, nobody to write to) is no exception. Belongs to one thread.
 *
 * @see UnixSocket#receive(MemorySegment)
 */
public final class Packet {
    private static final Received NOTHING = new Received(0, new int[0], false, false);

    private final MemorySegment data;
    private final int maxFds;
    private Received received = NOTHING;

    /** What a try to receive has brought. */
    public enum Outcome {
        /** A message: its bytes are in {@link #data()}, and its fds are the caller's. */
        MESSAGE,
        /** Nothing, for now. */
        NOTHING,
        /** The end, or an empty message: of a socket that still is connected it is the latter. */
        END
    }

    /**
     * Memory for one message.
     *
     * @param capacity most bytes
     * @param maxFds most fds; of a message with more the others are lost
     */
    public Packet(int capacity, int maxFds) {
        this.data = Arena.ofAuto().allocate(capacity, Long.BYTES);
        this.maxFds = Math.min(maxFds, Messages.MAX_FDS);
    }

    /** The bytes, all of the capacity. */
    public MemorySegment data() {
        return data;
    }

    /** What else there is of the message received last. */
    public Received received() {
        return received;
    }

    /** Receives a message if there is one. An error of the socket counts as the end. */
    public Outcome receive(int socket) {
        long result = Messages.receive(socket, data, maxFds, Messages.MSG_DONTWAIT);
        if (result == -Errno.ECONNRESET.number()) {
            // said once, by a peer that left something unread; what it sent before is still there
            result = Messages.receive(socket, data, maxFds, Messages.MSG_DONTWAIT);
        }
        received = result < 0 ? NOTHING : Messages.received(result);
        if (result == -Errno.EAGAIN.number()) {
            return Outcome.NOTHING;
        }
        return received.eof() ? Outcome.END : Outcome.MESSAGE;
    }

    /**
     * Sends a message if that is possible at once.
     *
     * @param length how many of the bytes, at least 1
     * @param fds go along, and stay the caller's
     * @return whether it went
     */
    public boolean send(int socket, int length, int... fds) {
        MemorySegment bytes = data.asSlice(0, length);
        return Messages.send(socket, bytes, 0, fds, 0, fds.length, Messages.MSG_DONTWAIT) == length;
    }
}
