// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.luo.LuoException;

/**
 * Wakes a thread that polls: readable from {@link #signal()} until {@link #reset()}. Thread-safe.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 */
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 02000000;
    private static final int EFD_NONBLOCK = 04000;

    private int fd;

    private EventFd(int fd) {
        this.fd = fd;
    }

    /**
     * A new one, not signalled.
     *
     * <p>Undo: {@link #close()}.
     *
     * @throws LuoException EMFILE · ENFILE
     */
    public static EventFd create() throws LuoException {
        long result = Kernel.call(Nr.EVENTFD2, 0, EFD_CLOEXEC | EFD_NONBLOCK, 0);
        if (result < 0) {
            throw Failure.of(result, "eventfd");
        }
        return new EventFd((int) result);
    }

    /** The fd to poll for {@link Poll#POLLIN}; -1 once closed. */
    public synchronized int fd() {
        return fd;
    }

    /** Makes it readable. Does nothing once closed. */
    public synchronized void signal() {
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_LONG, Kernel.SCRATCH, 1);
        Kernel.call(memory, Nr.WRITE, fd, memory.address() + Kernel.SCRATCH, 8, 0);
    }

    /**
     * Makes it unreadable.
     *
     * @return whether it was signalled
     */
    public synchronized boolean reset() {
        MemorySegment memory = Kernel.memory();
        return Kernel.call(memory, Nr.READ, fd, memory.address() + Kernel.SCRATCH, 8, 0) > 0;
    }

    /** Closes the fd. Closing twice does nothing. */
    @Override
    public synchronized void close() {
        if (fd >= 0) {
            Fds.close(fd);
            fd = -1;
        }
    }
}
