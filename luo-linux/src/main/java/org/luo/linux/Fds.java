// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * File descriptors as such.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/fcntl.2.html">fcntl(2)</a>
 */
public final class Fds {
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int FD_CLOEXEC = 1;
    private static final int RLIMIT_NOFILE = 7;

    private Fds() {}

    /**
     * How many fds this process may have.
     *
     * @param soft the limit in force
     * @param hard what the soft limit may be raised to
     */
    public record Limit(long soft, long hard) {}

    /**
     * A new close-on-exec fd of the same open file.
     *
     * <p>Undo: {@link #close}.
     *
     * @throws LuoException EBADF if the fd is not open, or is an O_PATH one · EMFILE
     */
    public static int duplicate(int fd) throws LuoException {
        return duplicateAtLeast(fd, 0);
    }

    /**
     * A new close-on-exec fd of the same open file, the lowest free one from a minimum up.
     *
     * <p>Undo: {@link #close}.
     *
     * @throws LuoException EBADF if the fd is not open, or is an O_PATH one · EMFILE · EINVAL if the minimum is
     *     negative, or not below the soft limit
     */
    public static int duplicateAtLeast(int fd, int min) throws LuoException {
        if ((statusFlags(fd) & FileIo.O_PATH) != 0) {
            throw LuoException.of(Errno.EBADF, "duplicate fd " + fd + ": it is an O_PATH one");
        }
        return (int) Failure.check(fcntl(fd, F_DUPFD_CLOEXEC, min), "duplicate fd", fd);
    }

    /** Closes an fd; errors are of no use to anybody and are dropped. Never made again when interrupted. */
    public static void close(int fd) {
        Kernel.once(Kernel.memory(), MemorySegment.NULL, Nr.CLOSE, fd, 0, 0, 0, 0, 0);
    }

    /** As {@link #close}, each of them. */
    public static void closeAll(Iterable<Integer> fds) {
        fds.forEach(Fds::close);
    }

    /** Whether the fd is open. */
    public static boolean isOpen(int fd) {
        return fcntl(fd, F_GETFD, 0) >= 0;
    }

    /**
     * Access mode and status flags of the open file: O_ACCMODE, O_APPEND, O_NONBLOCK, O_PATH and so on.
     *
     * @throws LuoException EBADF
     */
    public static int statusFlags(int fd) throws LuoException {
        return (int) Failure.check(fcntl(fd, F_GETFL, 0), "flags of fd", fd);
    }

    /**
     * Whether the fd is closed by exec.
     *
     * @throws LuoException EBADF
     */
    public static boolean isCloexec(int fd) throws LuoException {
        return (Failure.check(fcntl(fd, F_GETFD, 0), "flags of fd", fd) & FD_CLOEXEC) != 0;
    }

    /**
     * Sets whether the fd is closed by exec.
     *
     * @throws LuoException EBADF
     */
    public static void setCloexec(int fd, boolean cloexec) throws LuoException {
        Failure.check(fcntl(fd, F_SETFD, cloexec ? FD_CLOEXEC : 0), "set flags of fd", fd);
    }

    /**
     * Sets whether calls on the open file return EAGAIN instead of waiting. Everybody who shares it is concerned.
     *
     * @throws LuoException EBADF
     */
    public static void setNonBlocking(int fd, boolean nonBlocking) throws LuoException {
        int flags = statusFlags(fd);
        int wanted = nonBlocking ? flags | FileIo.O_NONBLOCK : flags & ~FileIo.O_NONBLOCK;
        Failure.check(fcntl(fd, F_SETFL, wanted), "set flags of fd", fd);
    }

    /**
     * Makes the kernel's table of this process's fds large enough, so that receiving many fds does not grow it: in a
     * process with several threads each growth waits for an RCU grace period, milliseconds. It never shrinks.
     *
     * @param capacity how many fds it shall have room for, counted from fd 0
     * @throws LuoException EINVAL if that is more than the soft limit · EMFILE
     * @see #raiseNofile()
     */
    public static void expandTable(int capacity) throws LuoException {
        if (capacity <= 0) {
            return;
        }
        try (EventFd any = EventFd.create()) {
            long top = fcntl(any.fd(), F_DUPFD_CLOEXEC, capacity - 1);
            if (top < 0) {
                throw Failure.of(
                        top,
                        "expand the table to " + capacity + " fds, limit "
                                + rlimitNofile().soft());
            }
            close((int) top);
        }
    }

    /**
     * The limits on the number of fds.
     *
     * @throws LuoException never in practice
     * @see <a href="https://man7.org/linux/man-pages/man2/prlimit.2.html">RLIMIT_NOFILE</a>
     */
    public static Limit rlimitNofile() throws LuoException {
        MemorySegment memory = Kernel.memory();
        long result = Kernel.call(memory, Nr.PRLIMIT64, 0, RLIMIT_NOFILE, 0, memory.address() + Kernel.SCRATCH);
        Failure.check(result, "fd limit of process", 0);
        return new Limit(memory.get(JAVA_LONG, Kernel.SCRATCH), memory.get(JAVA_LONG, Kernel.SCRATCH + 8));
    }

    /**
     * Raises the soft limit on the number of fds to the hard one.
     *
     * @return the limits in force now
     * @throws LuoException never in practice
     */
    public static Limit raiseNofile() throws LuoException {
        Limit limit = rlimitNofile();
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_LONG, Kernel.SCRATCH, limit.hard());
        memory.set(JAVA_LONG, Kernel.SCRATCH + 8, limit.hard());
        long result = Kernel.call(memory, Nr.PRLIMIT64, 0, RLIMIT_NOFILE, memory.address() + Kernel.SCRATCH, 0);
        Failure.check(result, "raise the fd limit of process", 0);
        return new Limit(limit.hard(), limit.hard());
    }

    static long fcntl(int fd, int command, long argument) {
        return Kernel.call(Nr.FCNTL, fd, command, argument);
    }
}
