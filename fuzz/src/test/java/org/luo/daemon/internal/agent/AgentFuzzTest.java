// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Session;
import org.luo.SessionName;
import org.luo.daemon.internal.agent.Claims.Owner;
import org.luo.fuzz.Trial;
import org.luo.linux.Packet;
import org.luo.linux.Peer;
import org.luo.linux.UnixSocket;

/** What a client of the agent may send, and what a predecessor may leave. */
class AgentFuzzTest {
    /** Answers lie in the socket until all are there. */
    private static final int MOST_LINES = 200;

    /** Nothing can be had. */
    private static final Sessions NONE = new Sessions() {
        @Override
        public OutgoingSession create(SessionName name) throws LuoException {
            throw LuoException.of(Errno.EEXIST, "create");
        }

        @Override
        public IncomingSession retrieve(SessionName name) throws LuoException {
            throw LuoException.of(Errno.ENOENT, "retrieve");
        }

        @Override
        public Set<SessionName> names(Direction direction) {
            return Set.of();
        }

        @Override
        public Set<SessionName> unclaimed() {
            return Set.of();
        }

        @Override
        public int fd(Session session) throws LuoException {
            throw LuoException.of(Errno.EAGAIN, "fd");
        }
    };

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "{\"cmd\":\"SUBSCRIBE\",\"id\":\"a\",\"ack\":true,\"timeout_ms\":5}\n"
                                + "{\"cmd\":\"UNSUBSCRIBE\"}\n",
                        "{\"cmd\":\"SUBSCRIBE\",\"id\":\"a\",\"event\":\"PRESERVATION_REQUEST\"}\n"
                                + "{\"cmd\":\"READY\"}\n",
                        "{\"cmd\":\"NOT_READY\",\"reason\":\"\\u2028\",\"id\":\"a\"}\n\nnull\n[]\n{\"cmd\":\"x",
                        "{\"cmd\":\"CLAIM\",\"id\":\"kept\"}\n{\"cmd\":\"RELEASE\",\"id\":\"kept\"}\n")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void talk(byte[] input) {
        long lines = new String(input, StandardCharsets.ISO_8859_1)
                .chars()
                .filter(c -> c == '\n')
                .count();
        if (input.length > 0 && input.length <= 1 << 14 && lines <= MOST_LINES) {
            Trial.runWithFds(() -> assertAnswered(input, lines));
        }
    }

    private static void assertAnswered(byte[] input, long lines) throws LuoException {
        Agent agent = new Agent(true);
        agent.sessions(NONE);
        agent.inherit(List.of(new Owner(SessionName.of("kept"), 1)));
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            pair.one().write(input, 0, input.length);
            pair.one().shutdownOutput();
            Connection connection = new Connection(pair.other(), new Peer(1, 1, 1));
            Packet packet = new Packet(Connection.MAX_LINE, 0);
            while (connection.read(packet, line -> agent.serve(connection, line))) {
                // until the end
            }
            agent.gone(connection);
            connection.close();
            List<String> answers = all(pair.one()).lines().toList();
            assertThat((long) answers.size()).isLessThanOrEqualTo(lines);
            for (String answer : answers) {
                JsonObject object = JsonParser.parseString(answer).getAsJsonObject();
                assertThat(object.has("event") || object.has("error")).isTrue();
                assertThat(answer).doesNotContain("\"EIO\"");
            }
            assertThat(agent.owners()).hasSizeLessThanOrEqualTo(1);
        } finally {
            agent.stop();
            agent.close();
        }
    }

    private static String all(UnixSocket socket) throws LuoException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[1 << 16];
        for (int read; (read = socket.read(chunk, 0, chunk.length)) > 0; ) {
            all.write(chunk, 0, read);
        }
        return all.toString(StandardCharsets.UTF_8);
    }
}
