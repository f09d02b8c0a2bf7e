// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.luo.Amount;
import org.luo.LuoException;

/**
 * Waits for something to happen on fds.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>
 */
public final class Poll {
    /** There is something to read, to accept, or the end. */
    public static final short POLLIN = 0x1;

    /** There is room to write. */
    public static final short POLLOUT = 0x4;

    /** An error is pending; always reported. */
    public static final short POLLERR = 0x8;

    /** The other side has gone; always reported. */
    public static final short POLLHUP = 0x10;

    /** The fd is not open; always reported. */
    public static final short POLLNVAL = 0x20;

    /** The other side will write no more. */
    public static final short POLLRDHUP = 0x2000;

    private static final int TIMESPEC = Kernel.SCRATCH;
    private static final int POLLFDS = TIMESPEC + 16;
    private static final int POLLFD_BYTES = 8;
    private static final int INLINE = (Kernel.SCRATCH_BYTES - 16) / POLLFD_BYTES;

    private Poll() {}

    /**
     * Waits until one of the events happens on one of the fds, or the time is over.
     *
     * @param fds negative ones are left out
     * @param events POLL constants, the same for all
     * @param timeoutMillis 0 does not wait, a negative one waits for ever
     * @return for each fd, in the same order, what has happened; all 0 if the time is over
     * @throws LuoException EINVAL if there are more fds than this process may have · ENOMEM
     */
    public static short[] await(int[] fds, short events, long timeoutMillis) throws LuoException {
        MemorySegment memory = Kernel.memory();
        if (fds.length <= INLINE) {
            return await(memory, memory.asSlice(POLLFDS), fds, events, timeoutMillis);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfds = arena.allocate((long) fds.length * POLLFD_BYTES, 8);
            return await(memory, pollfds, fds, events, timeoutMillis);
        }
    }

    /**
     * As {@link #await(int[], short, long)} with one fd.
     *
     * @return what has happened; 0 if the time is over
     */
    public static short await(int fd, short events, long timeoutMillis) throws LuoException {
        return await(new int[] {fd}, events, timeoutMillis)[0];
    }

    private static short[] await(
            MemorySegment memory, MemorySegment pollfds, int[] fds, short events, long timeoutMillis)
            throws LuoException {
        for (int i = 0; i < fds.length; i++) {
            long pollfd = (long) i * POLLFD_BYTES;
            pollfds.set(JAVA_INT, pollfd, fds[i]);
            pollfds.set(JAVA_SHORT, pollfd + 4, events);
            pollfds.set(JAVA_SHORT, pollfd + 6, (short) 0);
        }
        long result = call(memory, pollfds, fds.length, timeoutMillis);
        if (result < 0) {
            throw Failure.of(result, "poll " + Amount.of(fds.length, "fd"));
        }
        short[] happened = new short[fds.length];
        for (int i = 0; i < fds.length; i++) {
            happened[i] = pollfds.get(JAVA_SHORT, (long) i * POLLFD_BYTES + 6);
        }
        return happened;
    }

    /** The kernel takes what has passed off the timespec, so that a call made again waits for the rest only. */
    private static long call(MemorySegment memory, MemorySegment pollfds, int count, long timeoutMillis) {
        memory.set(JAVA_LONG, TIMESPEC, timeoutMillis / 1000);
        memory.set(JAVA_LONG, TIMESPEC + 8, timeoutMillis % 1000 * 1_000_000);
        long timespec = timeoutMillis < 0 ? 0 : memory.address() + TIMESPEC;
        return Kernel.call(memory, Nr.PPOLL, pollfds.address(), count, timespec, 0);
    }
}
