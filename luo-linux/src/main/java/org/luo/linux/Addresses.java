// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.luo.Errno;
import org.luo.LuoException;

/** Makes sockets, and puts them at an address: struct sockaddr_un in the thread's block. */
final class Addresses {
    private static final int AF_UNIX = 1;
    private static final int ADDRESS = Kernel.SCRATCH;
    private static final int PATH = ADDRESS + 2;
    private static final int PATH_BYTES = 108;

    private Addresses() {}

    /** A new socket on which bind or connect has been called. */
    static UnixSocket call(int number, String what, UnixSocket.Type type, Path path) throws LuoException {
        return new UnixSocket(call(number, what + " " + path, type.number, path + "\0"), type);
    }

    /** As above, at a name that has its NUL where it belongs, and for any type. @return its fd */
    static int call(int number, String what, int type, String name) throws LuoException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > PATH_BYTES) {
            throw LuoException.of(
                    Errno.ENAMETOOLONG,
                    what + ": " + (bytes.length - 1) + " bytes, a socket's path can have " + (PATH_BYTES - 1));
        }
        int socket = create(type);
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_SHORT, ADDRESS, (short) AF_UNIX);
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, PATH, bytes.length);
        long result = Kernel.call(memory, number, socket, memory.address() + ADDRESS, 2 + bytes.length, 0);
        if (result < 0) {
            Fds.close(socket);
            throw Failure.of(result, what);
        }
        return socket;
    }

    static UnixSocket.Pair pair(UnixSocket.Type type) throws LuoException {
        MemorySegment memory = Kernel.memory();
        int flags = type.number | SocketOptions.SOCK_CLOEXEC;
        long result = Kernel.call(memory, Nr.SOCKETPAIR, AF_UNIX, flags, 0, memory.address() + Kernel.SCRATCH);
        if (result < 0) {
            throw Failure.of(result, "socketpair");
        }
        return new UnixSocket.Pair(
                new UnixSocket(memory.get(JAVA_INT, Kernel.SCRATCH), type),
                new UnixSocket(memory.get(JAVA_INT, Kernel.SCRATCH + 4), type));
    }

    private static int create(int type) throws LuoException {
        long result = Kernel.call(Nr.SOCKET, AF_UNIX, type | SocketOptions.SOCK_CLOEXEC, 0);
        if (result < 0) {
            throw Failure.of(result, "socket");
        }
        return (int) result;
    }
}
