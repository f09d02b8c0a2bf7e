// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.luo.LuoException;

/**
 * A socket for messages from anybody to one who is bound to a path, with open files beside them: how a service manager is
 * spoken to. Nobody is at the other end, so nobody answers, and an end can't be seen.
 *
 * <p>Context: one thread may send, or receive.
 *
 * @see UnixSocket
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
public final class Datagrams implements AutoCloseable {
    private static final int SOCK_DGRAM = 2;

    private final AtomicInteger fd;

    private Datagrams(int fd) {
        this.fd = new AtomicInteger(fd);
    }

    /**
     * Receives at a path, which must be free; it stays when the socket is closed.
     *
     * <p>Undo: {@link #close()} and {@link FileIo#unlink}.
     *
     * @throws LuoException ENAMETOOLONG if the path has more than 107 bytes · EADDRINUSE · ENOENT · EACCES · EMFILE
     */
    public static Datagrams bind(Path path) throws LuoException {
        return new Datagrams(Addresses.call(Nr.BIND, "bind " + path, SOCK_DGRAM, path + "\0"));
    }

    /**
     * Sends to whoever is bound to a path.
     *
     * <p>Undo: {@link #close()}.
     *
     * @throws LuoException ENAMETOOLONG · ENOENT · ECONNREFUSED if nobody is bound · EPROTOTYPE if it is a socket of another
     *     type · EACCES · EMFILE
     */
    public static Datagrams to(Path path) throws LuoException {
        return new Datagrams(Addresses.call(Nr.CONNECT, "connect to " + path, SOCK_DGRAM, path + "\0"));
    }

    /**
     * As {@link #to(Path)}, by a name that is no path.
     *
     * @param name at most 107 bytes, without the NUL in front
     * @throws LuoException ECONNREFUSED if nobody is bound to it · as {@link #to(Path)}
     */
    public static Datagrams toAbstract(String name) throws LuoException {
        return new Datagrams(Addresses.call(Nr.CONNECT, "connect to @" + name, SOCK_DGRAM, "\0" + name));
    }

    /**
     * Sends one message; waits while the receiver's queue is full, at most the send timeout.
     *
     * @param fds go along, and stay the caller's
     * @throws LuoException ECONNREFUSED if the receiver has gone · EMSGSIZE · ETIMEDOUT · ETOOMANYREFS · EBADF
     */
    public void send(byte[] data, int... fds) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(data.length);
            MemorySegment.copy(data, 0, copy, ValueLayout.JAVA_BYTE, 0, data.length);
            int open = fd.get();
            long result = Messages.send(open, copy, 0, fds, 0, fds.length);
            if (result < 0) {
                throw SocketOptions.failure(result, "send to", open, SocketOptions.SO_SNDTIMEO);
            }
        }
    }

    /**
     * Receives one message; waits for it, at most the receive timeout.
     *
     * @throws LuoException ETIMEDOUT
     */
    public Received receive(byte[] buffer) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(buffer.length);
            int open = fd.get();
            long result = Messages.receive(open, copy, Messages.MAX_FDS);
            if (result < 0) {
                throw SocketOptions.failure(result, "receive from", open, SocketOptions.SO_RCVTIMEO);
            }
            MemorySegment.copy(copy, ValueLayout.JAVA_BYTE, 0, buffer, 0, (int) result);
            return Messages.received(result);
        }
    }

    /** How long to wait in send, in ms; 0 for ever. */
    public void setSendTimeout(long millis) throws LuoException {
        SocketOptions.setTimeout(fd.get(), SocketOptions.SO_SNDTIMEO, millis);
    }

    /** How long to wait in receive, in ms; 0 for ever. */
    public void setReceiveTimeout(long millis) throws LuoException {
        SocketOptions.setTimeout(fd.get(), SocketOptions.SO_RCVTIMEO, millis);
    }

    /** Closes the fd. Closing twice does nothing. */
    @Override
    public void close() {
        int open = fd.getAndSet(-1);
        if (open >= 0) {
            Fds.close(open);
        }
    }
}
