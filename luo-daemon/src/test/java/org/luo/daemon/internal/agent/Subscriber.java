// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.luo.LuoException;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/** A client of the agent, which can also be told to misbehave. */
final class Subscriber implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 20_000;

    private final UnixSocket socket;
    private final StringBuilder unread = new StringBuilder();
    private UnixSocket session;

    Subscriber(Path dir) throws LuoException {
        socket = UnixSocket.connect(UnixSocket.Type.STREAM, dir.resolve(AgentDoor.SOCKET));
        socket.setReceiveTimeout(PATIENCE_MILLIS);
    }

    /** One that has subscribed, for sure. */
    static Subscriber subscribed(Path dir, String id, String... more) throws LuoException {
        Subscriber subscriber = new Subscriber(dir);
        String rest = more.length == 0 ? "" : "," + String.join(",", more);
        subscriber.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"" + id + "\",\"ack\":true" + rest + "}");
        assertThat(subscriber.line())
                .isEqualTo(JsonParser.parseString("{\"event\":\"DONE\",\"cmd\":\"SUBSCRIBE\",\"id\":\"" + id + "\"}"));
        return subscriber;
    }

    Subscriber send(String line) throws LuoException {
        socket.send((line + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Subscriber raw(byte[] bytes, int... fds) throws LuoException {
        socket.send(bytes, fds);
        return this;
    }

    /** The next line; null at the end. */
    JsonObject line() throws LuoException {
        byte[] chunk = new byte[4096];
        while (unread.indexOf("\n") < 0) {
            Received received;
            try {
                received = socket.receive(chunk);
            } catch (LuoException e) {
                assertThat(e).hasMessageContaining("ECONNRESET");
                return null;
            }
            if (received.eof()) {
                return null;
            }
            unread.append(new String(chunk, 0, received.bytes(), StandardCharsets.UTF_8));
            for (int fd : received.fds()) {
                assertThat(session).as("one fd at a time").isNull();
                session = UnixSocket.adopt(fd);
            }
        }
        int end = unread.indexOf("\n");
        String line = unread.substring(0, end);
        unread.delete(0, end + 1);
        return JsonParser.parseString(line).getAsJsonObject();
    }

    /** The next line is this event. */
    JsonObject event(String event) throws LuoException {
        JsonObject line = line();
        assertThat(line).as("a line").isNotNull();
        assertThat(line.has("event")).as("%s", line).isTrue();
        assertThat(line.get("event").getAsString()).isEqualTo(event);
        return line;
    }

    /** The next line is a refusal with this errno; its message. */
    String error(String errno) throws LuoException {
        JsonObject line = line();
        assertThat(line).as("a line").isNotNull();
        assertThat(line.has("error")).as("%s", line).isTrue();
        JsonObject error = line.getAsJsonObject("error");
        assertThat(error.get("errno").getAsString()).as("%s", error).isEqualTo(errno);
        return error.get("message").getAsString();
    }

    /** The session whose fd came with the last event; the test's. */
    UnixSocket session() {
        UnixSocket taken = session;
        assertThat(taken).as("a session's fd").isNotNull();
        session = null;
        return taken;
    }

    UnixSocket claim(String id) throws LuoException {
        send("{\"cmd\":\"CLAIM\",\"id\":\"" + id + "\"}");
        assertThat(event("CLAIMED").get("id").getAsString()).isEqualTo(id);
        return session();
    }

    @Override
    public void close() {
        socket.close();
        if (session != null) {
            session.close();
        }
    }
}
