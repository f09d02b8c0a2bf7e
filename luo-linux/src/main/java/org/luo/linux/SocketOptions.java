// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * What can be set on a socket and asked of it.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">socket(7)</a>
 */
final class SocketOptions {
    static final int SOCK_CLOEXEC = 02000000;
    static final int SHUT_WR = 1;
    static final int SHUT_RDWR = 2;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_RCVTIMEO = 20;
    static final int SO_SNDTIMEO = 21;

    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_PEERCRED = 17;
    private static final int SO_DOMAIN = 39;
    private static final int AF_UNIX = 1;
    private static final int VALUE = Kernel.SCRATCH;
    private static final int LENGTH = VALUE + 16;

    private SocketOptions() {}

    static void setInt(int fd, int option, int value) throws LuoException {
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_INT, VALUE, value);
        set(memory, fd, option, 4);
    }

    static void setTimeout(int fd, int option, long millis) throws LuoException {
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_LONG, VALUE, millis / 1000);
        memory.set(JAVA_LONG, VALUE + 8, millis % 1000 * 1000);
        set(memory, fd, option, 16);
    }

    static Peer peer(int fd) throws LuoException {
        MemorySegment memory = Kernel.memory();
        get(memory, fd, SO_PEERCRED, 12);
        return new Peer(memory.get(JAVA_INT, VALUE), memory.get(JAVA_INT, VALUE + 4), memory.get(JAVA_INT, VALUE + 8));
    }

    static UnixSocket.Type type(int fd) throws LuoException {
        MemorySegment memory = Kernel.memory();
        get(memory, fd, SO_DOMAIN, 4);
        int domain = memory.get(JAVA_INT, VALUE);
        get(memory, fd, SO_TYPE, 4);
        int number = memory.get(JAVA_INT, VALUE);
        for (UnixSocket.Type type : UnixSocket.Type.values()) {
            if (domain == AF_UNIX && type.number == number) {
                return type;
            }
        }
        throw LuoException.of(
                Errno.EPROTOTYPE, "adopt fd " + fd + ": a socket of domain " + domain + " and type " + number);
    }

    /**
     * The exception for a call on a socket: EAGAIN of a blocking one means that its timeout is over.
     *
     * @param option which timeout
     */
    static LuoException failure(long result, String what, int fd, int option) {
        if (result == -Errno.EAGAIN.number() && isBlocking(fd)) {
            return LuoException.of(
                    Errno.ETIMEDOUT, what + " fd " + fd + ": not possible within " + timeout(fd, option) + " ms");
        }
        return Failure.of(result, what + " fd " + fd);
    }

    private static boolean isBlocking(int fd) {
        try {
            return (Fds.statusFlags(fd) & FileIo.O_NONBLOCK) == 0;
        } catch (LuoException e) {
            return false;
        }
    }

    private static long timeout(int fd, int option) {
        MemorySegment memory = Kernel.memory();
        try {
            get(memory, fd, option, 16);
        } catch (LuoException e) {
            return 0;
        }
        return memory.get(JAVA_LONG, VALUE) * 1000 + memory.get(JAVA_LONG, VALUE + 8) / 1000;
    }

    private static void set(MemorySegment memory, int fd, int option, int length) throws LuoException {
        long value = memory.address() + VALUE;
        long result = Kernel.call(memory, MemorySegment.NULL, Nr.SETSOCKOPT, fd, SOL_SOCKET, option, value, length, 0);
        Failure.check(result, "set socket option " + option + " of fd", fd);
    }

    private static void get(MemorySegment memory, int fd, int option, int length) throws LuoException {
        memory.set(JAVA_INT, LENGTH, length);
        long value = memory.address() + VALUE;
        long result = Kernel.call(
                memory, MemorySegment.NULL, Nr.GETSOCKOPT, fd, SOL_SOCKET, option, value, memory.address() + LENGTH, 0);
        Failure.check(result, "socket option " + option + " of fd", fd);
    }
}
