// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Commands to whichever generation serves: a connection each, a line of JSON each way. */
final class Admin {
    private static final Gson GSON = new GsonBuilder()
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .create();
    private static final TypeToken<Map<String, Map<String, Object>>> REPLY = new TypeToken<>() {};
    private static final int ATTEMPTS = 20;

    private final Path socket;

    Admin(Path dir) {
        this.socket = dir.resolve("admin.sock");
    }

    /** The platform said no. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final String errno;

        Refusal(Map<String, Object> error) {
            super((String) error.get("message"));
            this.errno = (String) error.get("errno");
        }

        /** Such as {@code EBUSY}. */
        String errno() {
            return errno;
        }
    }

    /**
     * Runs a command. A request that was not taken up, since the platform was just being replaced, is sent again.
     *
     * @throws ConnectException if nobody serves
     */
    Map<String, Object> call(String command, Map<String, ?> arguments) throws IOException, Refusal {
        for (int attempt = 1; ; attempt++) {
            Map<String, Map<String, Object>> reply = ask(command, arguments);
            if (!reply.containsKey("error")) {
                return reply.get("result");
            }
            Refusal refusal = new Refusal(reply.get("error"));
            if (attempt == ATTEMPTS || !refusal.errno().equals("ERESTART")) {
                throw refusal;
            }
        }
    }

    private Map<String, Map<String, Object>> ask(String command, Map<String, ?> arguments) throws IOException {
        String request = GSON.toJson(Map.of("command", command, "arguments", arguments)) + "\n";
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Channels.newOutputStream(channel).write(request.getBytes(StandardCharsets.UTF_8));
            String line = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)).readLine();
            if (line == null) {
                throw new EOFException("the platform ended before it answered " + command);
            }
            return GSON.fromJson(line, REPLY);
        }
    }
}
