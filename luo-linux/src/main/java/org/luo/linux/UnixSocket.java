// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * A socket between processes of one machine, which can pass open files.
 *
 * <p>Context: one thread may send while another receives. Close it only when no thread is in a call: the fd number may
 * mean something else at once. {@link #shutdown()} makes the calls of other threads return.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
public final class UnixSocket implements AutoCloseable {
    /** Most fds in one message; Linux refuses more. */
    public static final int MAX_FDS = Messages.MAX_FDS;

    private final AtomicInteger fd;
    private final Type type;

    /** How bytes flow. */
    public enum Type {
        /** A stream of bytes; fds arrive with the first byte of the message they were sent with. */
        STREAM(1),
        /** Messages, whole and in order. */
        SEQPACKET(5);

        final int number;

        Type(int number) {
            this.number = number;
        }
    }

    /**
     * Two sockets connected to each other.
     *
     * @param one one end
     * @param other the other
     */
    public record Pair(UnixSocket one, UnixSocket other) implements AutoCloseable {
        @Override
        public void close() {
            one.close();
            other.close();
        }
    }

    UnixSocket(int fd, Type type) {
        this.fd = new AtomicInteger(fd);
        this.type = type;
    }

    /**
     * Listens at a path, which must be free; it stays when the socket is closed.
     *
     * <p>Undo: {@link #close()} and {@link FileIo#unlink}.
     *
     * @param backlog how many connections may wait to be accepted
     * @throws LuoException ENAMETOOLONG if the path has more than 107 bytes · EADDRINUSE · ENOENT · EACCES · EMFILE
     */
    public static UnixSocket listen(Type type, Path path, int backlog) throws LuoException {
        UnixSocket socket = Addresses.call(Nr.BIND, "listen at", type, path);
        long result = Kernel.call(Nr.LISTEN, socket.fd(), backlog, 0);
        if (result < 0) {
            socket.close();
            throw Failure.of(result, "listen at " + path);
        }
        return socket;
    }

    /**
     * Connects to the socket that listens at a path; waits while its backlog is full.
     *
     * <p>Undo: {@link #close()}.
     *
     * @throws LuoException ENAMETOOLONG if the path has more than 107 bytes · ENOENT · ECONNREFUSED if nobody listens ·
     *     EPROTOTYPE if it is a socket of the other type · EACCES · EMFILE
     */
    public static UnixSocket connect(Type type, Path path) throws LuoException {
        return Addresses.call(Nr.CONNECT, "connect to", type, path);
    }

    /**
     * Two connected sockets.
     *
     * <p>Undo: {@link Pair#close()}.
     *
     * @throws LuoException EMFILE · ENFILE
     */
    public static Pair pair(Type type) throws LuoException {
        return Addresses.pair(type);
    }

    /**
     * Takes over a socket's fd, for example one that was received, and makes it close-on-exec.
     *
     * <p>Undo: {@link #release()}.
     *
     * @throws LuoException EBADF · ENOTSOCK · EPROTOTYPE if it is no unix socket of a known type; the fd stays the
     *     caller's
     */
    public static UnixSocket adopt(int fd) throws LuoException {
        Type type = SocketOptions.type(fd);
        Fds.setCloexec(fd, true);
        return new UnixSocket(fd, type);
    }

    /** The fd; -1 once closed or released. */
    public int fd() {
        return fd.get();
    }

    /** How bytes flow. */
    public Type type() {
        return type;
    }

    /** Gives the fd to the caller, who closes it. This object is then closed. */
    public int release() {
        return fd.getAndSet(-1);
    }

    /**
     * Takes up the next connection of a listening socket; waits for it, at most the receive timeout.
     *
     * @throws LuoException ETIMEDOUT · EAGAIN if non-blocking · EINVAL if not listening, or shut down · EMFILE
     */
    public UnixSocket accept() throws LuoException {
        int listening = fd();
        long result = Kernel.call(Kernel.memory(), Nr.ACCEPT4, listening, 0, 0, SocketOptions.SOCK_CLOEXEC);
        if (result < 0) {
            throw SocketOptions.failure(result, "accept from", listening, SocketOptions.SO_RCVTIMEO);
        }
        return new UnixSocket((int) result, type);
    }

    /** As {@link #accept()}, after {@link #setReceiveTimeout}. */
    public UnixSocket accept(long timeoutMillis) throws LuoException {
        setReceiveTimeout(timeoutMillis);
        return accept();
    }

    /**
     * Sends one message.
     *
     * @param data at least one byte of native memory
     * @param fds stay the caller's
     * @throws LuoException EPIPE if the other side has gone · EINVAL if there are more than {@link #MAX_FDS} fds · EBADF
     *     · EMSGSIZE if it does not fit the socket's buffer · ETIMEDOUT · EAGAIN if non-blocking · ETOOMANYREFS. Of a
     *     message, nothing has gone; of a stream, part may have
     */
    public void send(MemorySegment data, int... fds) throws LuoException {
        send(data, fds, 0, fds.length);
    }

    /** As {@link #send(MemorySegment, int...)}, with {@code count} of the fds from index {@code from} on. */
    public void send(MemorySegment data, int[] fds, int from, int count) throws LuoException {
        if (data.byteSize() == 0) {
            throw new IllegalArgumentException("an empty message can't be told from the end");
        }
        if (count > MAX_FDS) {
            throw LuoException.of(Errno.EINVAL, "send " + count + " fds: at most " + MAX_FDS + " in one message");
        }
        int open = fd();
        long done = 0;
        do {
            long result = Messages.send(open, data, done, fds, from, done == 0 ? count : 0);
            if (result < 0) {
                throw SocketOptions.failure(result, "send to", open, SocketOptions.SO_SNDTIMEO);
            }
            done += result;
        } while (done < data.byteSize());
    }

    /** As {@link #send(MemorySegment, int...)}, from the heap. */
    public void send(byte[] data, int... fds) throws LuoException {
        write(data, 0, data.length, fds);
    }

    /**
     * Receives one message, or what there is of a stream; waits for it, at most the receive timeout.
     *
     * @param buffer native memory
     * @throws LuoException ETIMEDOUT · EAGAIN if non-blocking · ECONNRESET if the other side went with data unread
     */
    public Received receive(MemorySegment buffer) throws LuoException {
        return receive(buffer, MAX_FDS);
    }

    /** As {@link #receive(MemorySegment)}, but does not wait: null if there is nothing. */
    public Received receiveNow(MemorySegment buffer) throws LuoException {
        int open = fd();
        long result = Messages.receive(open, buffer, MAX_FDS, Messages.MSG_DONTWAIT);
        if (result == -Errno.EAGAIN.number()) {
            return null;
        }
        if (result < 0) {
            throw SocketOptions.failure(result, "receive from", open, SocketOptions.SO_RCVTIMEO);
        }
        return Messages.received(result);
    }

    /** As {@link #receive(MemorySegment)}, with no more fds than the caller wants; the others are lost. */
    public Received receive(MemorySegment buffer, int maxFds) throws LuoException {
        int open = fd();
        long result = Messages.receive(open, buffer, Math.min(maxFds, MAX_FDS));
        if (result < 0) {
            throw SocketOptions.failure(result, "receive from", open, SocketOptions.SO_RCVTIMEO);
        }
        return Messages.received(result);
    }

    /** As {@link #receive(MemorySegment)}, to the heap. */
    public Received receive(byte[] buffer) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(buffer.length);
            Received received = receive(copy);
            MemorySegment.copy(copy, ValueLayout.JAVA_BYTE, 0, buffer, 0, received.bytes());
            return received;
        }
    }

    /**
     * Reads what there is of a stream; fds that come along are lost.
     *
     * @return how many bytes; -1 at the end
     * @throws LuoException as {@link #receive(MemorySegment)}
     */
    public int read(byte[] buffer, int offset, int length) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(length);
            int bytes = receive(copy, 0).bytes();
            MemorySegment.copy(copy, ValueLayout.JAVA_BYTE, 0, buffer, offset, bytes);
            return bytes == 0 ? -1 : bytes;
        }
    }

    /** Writes everything to a stream; throws as {@link #send(MemorySegment, int...)}. */
    public void write(byte[] data, int offset, int length) throws LuoException {
        write(data, offset, length, new int[0]);
    }

    private void write(byte[] data, int offset, int length, int[] fds) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(length);
            MemorySegment.copy(data, offset, copy, ValueLayout.JAVA_BYTE, 0, length);
            send(copy, fds);
        }
    }

    /**
     * How long to wait in accept and receive. The socket's, so everybody who shares it is concerned.
     *
     * @param millis 0 for ever
     * @throws LuoException EBADF
     */
    public void setReceiveTimeout(long millis) throws LuoException {
        SocketOptions.setTimeout(fd(), SocketOptions.SO_RCVTIMEO, millis);
    }

    /** How long to wait in send, as with {@link #setReceiveTimeout}. */
    public void setSendTimeout(long millis) throws LuoException {
        SocketOptions.setTimeout(fd(), SocketOptions.SO_SNDTIMEO, millis);
    }

    /**
     * Sets the sizes of both buffers; Linux doubles them for its own use and keeps them below its limits.
     *
     * @throws LuoException EBADF
     */
    public void setBufferSizes(int sendBytes, int receiveBytes) throws LuoException {
        SocketOptions.setInt(fd(), SocketOptions.SO_SNDBUF, sendBytes);
        SocketOptions.setInt(fd(), SocketOptions.SO_RCVBUF, receiveBytes);
    }

    /**
     * Sets whether calls return EAGAIN instead of waiting. Everybody who shares the socket is concerned.
     *
     * @throws LuoException EBADF
     */
    public void setNonBlocking(boolean nonBlocking) throws LuoException {
        Fds.setNonBlocking(fd(), nonBlocking);
    }

    /**
     * Who is at the other end.
     *
     * @throws LuoException EBADF
     */
    public Peer peer() throws LuoException {
        return SocketOptions.peer(fd());
    }

    /**
     * Ends the connection both ways, for everybody who shares the socket: waiting calls return, the other side reads to
     * the end. Does nothing if it has ended.
     */
    public void shutdown() {
        Kernel.call(Nr.SHUTDOWN, fd(), SocketOptions.SHUT_RDWR, 0);
    }

    /** Ends sending: the other side reads to the end, and can still send. Does nothing if it has ended. */
    public void shutdownOutput() {
        Kernel.call(Nr.SHUTDOWN, fd(), SocketOptions.SHUT_WR, 0);
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
