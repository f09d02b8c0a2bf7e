// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.LuoException;
import org.luo.fuzz.Trial;
import org.luo.linux.UnixSocket;

/** What a client of the administration socket may send: every line gets one answer, a result or an error. */
class AdminFuzzTest {
    /** Answers lie in the socket until all are there. */
    private static final int MOST_LINES = 200;

    private static final CommandTable COMMANDS =
            new CommandTable(List.of(new BuiltIn("echo", "for tests", null, arguments -> arguments)));

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "{\"command\":\"commands\"}\n",
                        "{\"command\":\"echo\",\"arguments\":{\"a\":[1,2.5,true,null,{\"é\":\"\\u2028\"}]}}\n",
                        "{\"command\":\"echo\",\"arguments\":{\"n\":1e308,\"m\":-9223372036854775808}}\n\n",
                        "{\"arguments\":{}}\nnull\n[]\n{\"command\":\"none\"",
                        "{\"command\":\"echo\",\"arguments\":" + "{\"a\":".repeat(300) + "1" + "}".repeat(301) + "\n")
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
        Traffic traffic = new Traffic();
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            pair.one().write(input, 0, input.length);
            pair.one().shutdownOutput();
            new Connection(pair.other(), traffic, COMMANDS, new LineReader.Patience(10_000, 10_000)).run();
            List<String> answers = all(pair.one()).lines().toList();
            assertThat(answers).hasSize((int) lines);
            for (String answer : answers) {
                JsonObject object = JsonParser.parseString(answer).getAsJsonObject();
                assertThat(object.keySet()).hasSize(1).isSubsetOf("result", "error");
                assertThat(answer).doesNotContain("\"EIO\"");
            }
        } finally {
            traffic.release();
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
