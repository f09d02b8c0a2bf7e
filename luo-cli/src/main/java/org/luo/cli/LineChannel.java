// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One connection that carries lines, with deadlines. */
final class LineChannel implements AutoCloseable {
    private final Path socket;
    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).flip();

    /** The whole line can't have been read by the other side, so that it can't have been acted upon either. */
    static final class UnsentException extends IOException {
        private static final long serialVersionUID = 1L;

        UnsentException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private LineChannel(Path socket, SocketChannel channel, Selector selector) {
        this.socket = socket;
        this.channel = channel;
        this.selector = selector;
    }

    static LineChannel open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        try {
            channel.configureBlocking(false);
            return new LineChannel(socket, channel, Selector.open());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Sends a line.
     *
     * @param deadline by System.nanoTime
     * @throws UnsentException if the other side has gone
     * @throws SocketTimeoutException if it does not read
     */
    void send(String line, long deadline) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        while (bytes.hasRemaining()) {
            if (write(bytes) == 0) {
                await(SelectionKey.OP_WRITE, deadline);
            }
        }
    }

    /**
     * Receives a line.
     *
     * @param deadline by System.nanoTime
     * @throws EOFException if the other side ended instead
     * @throws UnsentException if it ended with the line that was sent before unread
     * @throws SocketTimeoutException if none comes
     */
    String receive(long deadline) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (!takeLine(line)) {
            buffer.clear();
            int read = read(line.size() == 0);
            buffer.flip();
            if (read < 0) {
                throw new EOFException("the platform at " + socket.getParent() + " ended before it answered");
            }
            if (read == 0) {
                await(SelectionKey.OP_READ, deadline);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }

    private int write(ByteBuffer bytes) throws IOException {
        try {
            return channel.write(bytes);
        } catch (IOException e) {
            throw new UnsentException(e);
        }
    }

    /** Linux resets a connection that is closed with something unread in it. */
    private int read(boolean nothingYet) throws IOException {
        try {
            return channel.read(buffer);
        } catch (IOException e) {
            throw nothingYet ? new UnsentException(e) : e;
        }
    }

    /** Moves what is buffered into the line, up to its end; whether that end was there. */
    private boolean takeLine(ByteArrayOutputStream line) {
        int start = buffer.position();
        while (buffer.hasRemaining()) {
            if (buffer.get() == '\n') {
                line.write(buffer.array(), start, buffer.position() - 1 - start);
                return true;
            }
        }
        line.write(buffer.array(), start, buffer.position() - start);
        return false;
    }

    private void await(int operation, long deadline) throws IOException {
        channel.register(selector, operation);
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0 || selector.select(left) == 0 && System.nanoTime() >= deadline) {
            throw new SocketTimeoutException("the platform at " + socket.getParent() + " did not answer in time");
        }
        selector.selectedKeys().clear();
    }
}
