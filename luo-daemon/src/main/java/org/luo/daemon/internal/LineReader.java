// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.ByteArrayOutputStream;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Poll;
import org.luo.linux.UnixSocket;

/**
 * Cuts what a client sends into lines. Bounded in everything: a line's length, how long it may take to arrive, and how
 * long a client may say nothing.
 */
final class LineReader {
    /** Longest line in bytes. */
    static final int MAX_LINE = 1 << 20;

    private static final int CHUNK = 1 << 13;

    /**
     * How long to wait.
     *
     * @param idleMillis for the first byte of a line
     * @param lineMillis for the rest of it
     */
    record Patience(long idleMillis, long lineMillis) {}

    private final UnixSocket socket;
    private final Traffic traffic;
    private final Patience patience;
    private final byte[] chunk = new byte[CHUNK];
    private int position;
    private int limit;

    LineReader(UnixSocket socket, Traffic traffic, Patience patience) {
        this.socket = socket;
        this.traffic = traffic;
        this.patience = patience;
    }

    /**
     * The next line, without its end.
     *
     * @return empty when there is no more: the client has gone or is too slow, or the door has closed
     * @throws LuoException EMSGSIZE if the line is too long: it was skipped and the next one can be read · what reading
     *     says otherwise
     */
    Optional<byte[]> next() throws LuoException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean tooLong = false;
        long deadline = 0;
        while (true) {
            int end = indexOfLineEnd();
            int length = (end < 0 ? limit : end) - position;
            tooLong |= line.size() + length > MAX_LINE;
            if (!tooLong) {
                line.write(chunk, position, length);
            }
            position += length;
            if (end >= 0) {
                position++;
                return Optional.of(check(line, tooLong));
            }
            if (deadline == 0 && (tooLong || line.size() > 0)) {
                deadline = System.nanoTime() + patience.lineMillis() * 1_000_000;
            }
            if (!fill(deadline)) {
                return Optional.empty();
            }
        }
    }

    private static byte[] check(ByteArrayOutputStream line, boolean tooLong) throws LuoException {
        if (tooLong) {
            throw LuoException.of(Errno.EMSGSIZE, "request longer than " + MAX_LINE + " bytes: skipped");
        }
        return line.toByteArray();
    }

    /** Whether the client has sent more than was asked for. */
    boolean hasMore() {
        return position < limit;
    }

    private int indexOfLineEnd() {
        for (int index = position; index < limit; index++) {
            if (chunk[index] == '\n') {
                return index;
            }
        }
        return -1;
    }

    /** Reads more; a closed door still takes what is there already, so that it can be answered. */
    private boolean fill(long deadline) throws LuoException {
        boolean closed = traffic.isClosed();
        long left = deadline == 0 ? patience.idleMillis() : (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            return false;
        }
        int[] fds = {socket.fd(), traffic.closingFd()};
        if (Poll.await(fds, Poll.POLLIN, closed ? 0 : left)[0] == 0) {
            return !closed && traffic.isClosed() && fill(deadline);
        }
        int read = socket.read(chunk, 0, CHUNK);
        position = 0;
        limit = Math.max(read, 0);
        return read > 0;
    }
}
