// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A client of the JDK's own sockets: sends what it is told, well-formed or not. */
final class Client implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader reader;

    Client(Path dir) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve(AdminDoor.SOCKET)));
        reader = new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    Client send(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        return this;
    }

    Client send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next line; null at the end. */
    String receive() throws IOException {
        return reader.readLine();
    }

    String ask(String command) throws IOException {
        return send("{\"command\":\"" + command + "\"}\n").receive();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
