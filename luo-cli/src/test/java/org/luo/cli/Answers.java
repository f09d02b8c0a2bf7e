// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An administration socket that gives prepared answers. */
final class Answers implements AutoCloseable {
    /** Closes a connection before anything is read from it. */
    static final String RESET = "";

    /** At the end of an answer: the connection ends before the line does. */
    static final String CUT = "\0";

    final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final ServerSocketChannel server;

    Answers(Path dir, List<String> answers) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(dir.resolve("admin.sock")));
        Thread.ofPlatform().daemon().start(() -> answer(new ConcurrentLinkedQueue<>(answers)));
    }

    private void answer(Queue<String> answers) {
        try {
            while (!answers.isEmpty()) {
                try (SocketChannel client = server.accept()) {
                    serve(client, answers);
                }
            }
        } catch (IOException | InterruptedException e) {
            // closed by the test
        }
    }

    /** A connection ends with the answer that says so, or with the last one. */
    private void serve(SocketChannel client, Queue<String> answers) throws IOException, InterruptedException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8));
        while (!answers.isEmpty()) {
            String answer = answers.remove();
            if (answer.equals(RESET)) {
                Thread.sleep(100); // so that the request has come, and is lost
                return;
            }
            String request = reader.readLine();
            if (request == null) {
                return;
            }
            requests.add(request);
            String line = answer.endsWith(CUT) ? answer.substring(0, answer.length() - 1) : answer + "\n";
            client.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            if (answer.endsWith(CUT) || answer.contains("ERESTART")) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
