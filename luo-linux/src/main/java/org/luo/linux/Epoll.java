// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.luo.linux.Platform.pick;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.luo.LuoException;

/**
 * Waits for something to happen on many fds. Thread-safe: several threads may wait, and each event goes to one of them,
 * provided that its fd was added with {@link #EPOLLONESHOT}. Not to be closed while a thread waits.
 *
 * <p>It is the open file that is watched, not the fd: one that is open elsewhere too has to be removed before its fd is
 * closed here.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>
 */
public final class Epoll implements AutoCloseable {
    /** There is something to read, to accept, or the end. */
    public static final int EPOLLIN = 0x1;

    /** An error is pending; always reported. */
    public static final int EPOLLERR = 0x8;

    /** The other side has gone; always reported. */
    public static final int EPOLLHUP = 0x10;

    /** The other side will write no more. */
    public static final int EPOLLRDHUP = 0x2000;

    /** One event, then nothing until {@link #modify}. */
    public static final int EPOLLONESHOT = 1 << 30;

    private static final int EPOLL_CLOEXEC = 02000000;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;

    /** Where the key is in struct epoll_event, which is packed on x86-64 only. */
    private static final int KEY = pick(4, 8);

    private static final int EVENT_BYTES = KEY + Long.BYTES;

    private final int fd;
    private boolean closed; // guarded by this

    /** What has happened, in memory that is used over and over. Belongs to one thread. */
    public static final class Events {
        private final MemorySegment memory;
        private final int capacity;
        private int count;

        /** @param capacity how many to take at once, at least 1 */
        public Events(int capacity) {
            this.memory = Arena.ofAuto().allocate((long) capacity * EVENT_BYTES, Long.BYTES);
            this.capacity = capacity;
        }

        /** How many the last wait brought. */
        public int count() {
            return count;
        }

        /** The key that the fd was added with. */
        public long key(int index) {
            return memory.get(JAVA_LONG_UNALIGNED, (long) index * EVENT_BYTES + KEY);
        }

        /** What has happened: EPOLL constants. */
        public int events(int index) {
            return memory.get(JAVA_INT, (long) index * EVENT_BYTES);
        }
    }

    private Epoll(int fd) {
        this.fd = fd;
    }

    /**
     * A new one, without fds.
     *
     * <p>Undo: {@link #close()}.
     *
     * @throws LuoException EMFILE · ENFILE
     */
    public static Epoll create() throws LuoException {
        long result = Kernel.call(Nr.EPOLL_CREATE1, EPOLL_CLOEXEC, 0, 0);
        if (result < 0) {
            throw Failure.of(result, "epoll");
        }
        return new Epoll((int) result);
    }

    /**
     * Begins to watch an fd.
     *
     * <p>Undo: {@link #remove}, or closing the last fd of the open file.
     *
     * @param events EPOLL constants
     * @param key comes back with each event
     * @throws LuoException EBADF · EEXIST · ENOSPC, ENOMEM if the system watches too many · EPERM if this kind of file
     *     can't be watched
     */
    public void add(int watched, int events, long key) throws LuoException {
        Failure.check(control(CTL_ADD, watched, events, key), "watch fd", watched);
    }

    /**
     * Changes what an fd is watched for, and the key; one-shot fds are watched again.
     *
     * @throws LuoException EBADF · ENOENT if it is not watched
     */
    public void modify(int watched, int events, long key) throws LuoException {
        Failure.check(control(CTL_MOD, watched, events, key), "watch again fd", watched);
    }

    /** Ends watching an fd. Does nothing if it is not watched. */
    public void remove(int watched) {
        control(CTL_DEL, watched, 0, 0);
    }

    /**
     * Waits for events.
     *
     * @param into its memory is filled
     * @param timeoutMillis 0 does not wait, a negative one waits for ever
     * @return how many there are; 0 if the time is over
     * @throws LuoException EBADF once closed
     */
    public int await(Events into, int timeoutMillis) throws LuoException {
        into.count = 0;
        MemorySegment memory = Kernel.memory();
        long events = into.memory.address();
        long result = Kernel.call(memory, into.memory, Nr.EPOLL_PWAIT, fd, events, into.capacity, timeoutMillis, 0, 0);
        into.count = (int) Failure.check(result, "wait for epoll fd", fd);
        return into.count;
    }

    private long control(int operation, int watched, int events, long key) {
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_INT, Kernel.SCRATCH, events);
        memory.set(JAVA_LONG_UNALIGNED, Kernel.SCRATCH + KEY, key);
        return Kernel.call(memory, Nr.EPOLL_CTL, fd, operation, watched, memory.address() + Kernel.SCRATCH);
    }

    /** Closes the fd. Closing twice does nothing. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Fds.close(fd);
        }
    }
}
