// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import org.luo.Errno;
import org.luo.LuoException;

/**
 * A process, without the danger that its number is given to another one. Thread-safe,
 * but not to be closed while a thread waits.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
 */
public final class Pidfd implements AutoCloseable {
    /** Ends a process at once. */
    public static final int SIGKILL = 9;

    /** Asks a process to end. */
    public static final int SIGTERM = 15;

    private final long pid;
    private int fd;

    private Pidfd(long pid, int fd) {
        this.pid = pid;
        this.fd = fd;
    }

    /**
     * Takes hold of a process.
     *
     * <p>Undo: {@link #close()}, which does nothing to the process.
     *
     * @throws LuoException ESRCH if there is none · EINVAL if the number can't be one's · EMFILE
     */
    public static Pidfd open(long pid) throws LuoException {
        long result = Kernel.call(Nr.PIDFD_OPEN, pid, 0, 0);
        if (result < 0) {
            throw Failure.of(result, "open process " + pid);
        }
        return new Pidfd(pid, (int) result);
    }

    /** The number it was opened by. */
    public long pid() {
        return pid;
    }

    /** The fd, which {@link Poll} finds readable once the process is dead; -1 once closed. */
    public synchronized int fd() {
        return fd;
    }

    /**
     * Whether the process is dead; its parent need not have waited for it yet.
     *
     * @throws LuoException EBADF once closed
     */
    public boolean isDead() throws LuoException {
        return awaitDeath(0);
    }

    /**
     * Waits until the process is dead.
     *
     * @param timeoutMillis a negative one waits for ever
     * @return whether it is dead
     * @throws LuoException EBADF once closed
     */
    public boolean awaitDeath(long timeoutMillis) throws LuoException {
        int open = fd();
        if (open < 0) {
            throw LuoException.of(Errno.EBADF, "wait for process " + pid + ": closed");
        }
        return (Poll.await(open, Poll.POLLIN, timeoutMillis) & Poll.POLLIN) != 0;
    }

    /**
     * Sends a signal.
     *
     * @param signal its number; 0 only tries
     * @throws LuoException ESRCH if the process has gone · EPERM · EINVAL
     */
    public synchronized void kill(int signal) throws LuoException {
        long result = Kernel.call(Kernel.memory(), Nr.PIDFD_SEND_SIGNAL, fd, signal, 0, 0);
        if (result < 0) {
            throw Failure.of(result, "send signal " + signal + " to process " + pid);
        }
    }

    /**
     * A new close-on-exec fd here of a file that the process has open: the same open file, as if it had been passed.
     *
     * <p>Undo: {@link Fds#close}.
     *
     * @param theirs the fd's number in the process
     * @throws LuoException EBADF if it is not open there · EPERM if this process may not trace that one · ESRCH if the
     *     process has gone · EMFILE
     * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_getfd.2.html">pidfd_getfd(2)</a>
     */
    public synchronized int duplicate(int theirs) throws LuoException {
        long result = Kernel.call(Nr.PIDFD_GETFD, fd, theirs, 0);
        if (result < 0) {
            throw Failure.of(result, "duplicate fd " + theirs + " of process " + pid);
        }
        return (int) result;
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
