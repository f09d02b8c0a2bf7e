// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Packet;

/**
 * One request and its reply, as docs/wire.md lays them out, in memory that a thread uses over and over.
 *
 * <pre>
 * request  u32 cmd, u32 flags, argument         fds: reply socket, file to preserve
 * reply    s32 errno, argument                  fd: session or file
 * </pre>
 */
final class Exchange implements AutoCloseable {
    private static final int MAX_ARGUMENT = 72;
    private static final int NAME_BYTES = 64;

    private static final int UNREADABLE = 1;
    private static final int TAIL_USED = 2;
    private static final int TAIL_UNREADABLE = 4;
    private static final int FLAGS = UNREADABLE | TAIL_USED | TAIL_UNREADABLE;

    private static final int ARGUMENT = 8;
    private static final int RESERVED = ARGUMENT + 4;
    private static final int TOKEN = ARGUMENT + 8;
    private static final int NAME = ARGUMENT + 8;
    private static final int REPLIED_ARGUMENT = 4;

    private final Packet request = new Packet(ARGUMENT + MAX_ARGUMENT, 3);
    private final Packet reply = new Packet(REPLIED_ARGUMENT + MAX_ARGUMENT, 0);
    private final MemorySegment in = request.data();
    private final boolean outermost;
    private volatile Exchange inner;

    // Guarded by this: which request it is, and whether it has been answered.
    private long number;
    private boolean answered = true;
    private boolean givenUp;

    Exchange() {
        this(true);
    }

    private Exchange(boolean outermost) {
        this.outermost = outermost;
    }

    /** Receives a message if there is one. Undo: {@link #close()}, which closes its fds. */
    synchronized Packet.Outcome receive(int socket) {
        Packet.Outcome outcome = request.receive(socket);
        number++;
        answered = outcome != Packet.Outcome.MESSAGE;
        givenUp = false;
        return outcome;
    }

    /** Tells this request from others before and after it, for {@link #giveUp}. */
    synchronized long number() {
        return number;
    }

    /**
     * Answers a request in whose execution a plug-in's callback hangs; called by another thread. What its own answers
     * comes to nothing then.
     *
     * @param which of no effect if it is another one by now
     */
    synchronized boolean giveUp(long which) {
        if (number != which || answered || !isRequest()) {
            return false;
        }
        Packet late = new Packet(REPLIED_ARGUMENT, 0);
        late.data().set(JAVA_INT, 0, Errno.ETIMEDOUT.number());
        late.send(request.received().fds()[0], REPLIED_ARGUMENT);
        answered = true;
        givenUp = true;
        return true;
    }

    /**
     * What hung while it was in the way has gone, and this request is taken up again.
     *
     * @throws LuoException ETIMEDOUT if it was given up meanwhile
     */
    synchronized void resume() throws LuoException {
        if (givenUp) {
            throw LuoException.of(Errno.ETIMEDOUT, "given up while another session was being closed");
        }
        number++;
    }

    /** Whether the message is a request at all: long enough, not too long, and with a reply socket. */
    boolean isRequest() {
        int fds = request.received().fds().length;
        return request.received().bytes() >= ARGUMENT
                && !request.received().dataTruncated()
                && (fds == 1 || fds == 2)
                && (flags() & ~FLAGS) == 0
                && (isUnreadable() || isArgumentWhole());
    }

    /** Whether as much of the argument came as its size and the flags say. */
    private boolean isArgumentWhole() {
        long announced = Math.min(size(), MAX_ARGUMENT);
        return argumentBytes() <= Math.max(announced, Integer.BYTES)
                && (argumentBytes() >= announced || isTailUnreadable());
    }

    private int flags() {
        return in.get(JAVA_INT, 4);
    }

    private int argumentBytes() {
        return request.received().bytes() - ARGUMENT;
    }

    /** The whole ioctl number. */
    int code() {
        return in.get(JAVA_INT, 0);
    }

    /** Whether not even the size could be read. */
    boolean isUnreadable() {
        return (flags() & UNREADABLE) != 0;
    }

    /** The argument's size as the caller gave it. */
    long size() {
        return argumentBytes() < Integer.BYTES ? 0 : Integer.toUnsignedLong(in.get(JAVA_INT, ARGUMENT));
    }

    /** Whether the caller uses bytes beyond those known here. */
    boolean isTailUsed(int known) {
        for (int at = known; at < argumentBytes(); at++) {
            if (in.get(JAVA_BYTE, ARGUMENT + at) != 0) {
                return true;
            }
        }
        return (flags() & TAIL_USED) != 0 && argumentBytes() >= known;
    }

    /** Whether some of the argument could not be read. */
    boolean isTailUnreadable() {
        return (flags() & TAIL_UNREADABLE) != 0;
    }

    /** The name in the argument, up to its NUL: 0 to 63 bytes, or 64 if there is none. */
    byte[] name() {
        byte[] name = in.asSlice(NAME, NAME_BYTES).toArray(JAVA_BYTE);
        int length = 0;
        while (length < NAME_BYTES && name[length] != 0) {
            length++;
        }
        return Arrays.copyOf(name, length);
    }

    /** Puts a name of at most 63 bytes into the argument. */
    void setName(byte[] name) {
        in.asSlice(NAME, NAME_BYTES).fill((byte) 0);
        MemorySegment.copy(name, 0, in, JAVA_BYTE, NAME, name.length);
    }

    long token() {
        return in.get(JAVA_LONG, TOKEN);
    }

    int reserved() {
        return in.get(JAVA_INT, RESERVED);
    }

    /** The file to preserve, borrowed until the next message; -1 if the client's fd is none. */
    int file() {
        return request.received().fds().length == 2 ? request.received().fds()[1] : -1;
    }

    /** Whether an fd that was sent did not arrive, because this process has none left. */
    boolean isFileLost() {
        return request.received().controlTruncated();
    }

    /** Answers with an errno and nothing else. If that is not possible at once, nobody is told. */
    synchronized void refuse(Errno errno) {
        if (answered) {
            return;
        }
        answered = true;
        reply.data().set(JAVA_INT, 0, errno.number());
        reply.send(request.received().fds()[0], REPLIED_ARGUMENT);
    }

    /** Answers with success: the argument goes back, and the fd, which stays the caller's, goes along. */
    synchronized void answer(Command command, int... fd) {
        if (answered) {
            return;
        }
        answered = true;
        reply.data().set(JAVA_INT, 0, 0);
        MemorySegment.copy(in, ARGUMENT, reply.data(), REPLIED_ARGUMENT, command.size());
        reply.send(request.received().fds()[0], REPLIED_ARGUMENT + command.size(), fd);
    }

    /** Says how opening the device went, on its new connection. */
    void greet(int connection, int errno) {
        reply.data().set(JAVA_INT, 0, errno);
        reply.send(connection, REPLIED_ARGUMENT);
    }

    /** Another one, for requests that have to be served in the midst of this one; it has none itself. */
    Exchange inner() {
        if (inner == null) {
            inner = new Exchange(false);
        }
        return inner;
    }

    /** The one that is served in the midst of this one; null if there has been none. */
    Exchange within() {
        return inner;
    }

    /** Whether its request is not served in the midst of another one. */
    boolean isOutermost() {
        return outermost;
    }

    /** Closes the fds that came with the message. */
    @Override
    public synchronized void close() {
        answered = true;
        for (int fd : request.received().fds()) {
            Fds.close(fd);
        }
    }
}
