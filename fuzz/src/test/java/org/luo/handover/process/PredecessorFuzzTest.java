// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.fuzz.Trial;
import org.luo.linux.UnixSocket;

/** What a successor may answer: its HELLO is understood or refused, and so is everything after it. */
class PredecessorFuzzTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    static Stream<byte[]> seeds() {
        ByteBuffer refused =
                Script.buffer(20).putInt(Errno.EMFILE.number()).put("too many".getBytes(StandardCharsets.UTF_8));
        Script good = hello().say(
                        Kind.READY, 0, 0, Script.buffer(20).putInt(3).putLong(5).putLong(6));
        return Stream.of(good.bytes(), hello().say(Kind.REFUSED, 0, 0, refused).bytes());
    }

    private static Script hello() {
        ByteBuffer body = Script.buffer(99).putInt(Kind.PROTOCOL).putInt(4711).putLong(1 << 20);
        text(body, "25.0.3");
        text(body.putInt(2), "memfd-p1");
        text(body, "vendor-v1");
        return new Script().say(Kind.HELLO, 0, 0, body);
    }

    private static void text(ByteBuffer body, String text) {
        body.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @FuzzTest
    void listen(byte[] script) {
        Trial.runWithFds(() -> converse(script));
    }

    private static void converse(byte[] script) throws LuoException {
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
                Wire wire = new Wire(pair.other(), "successor", PATIENCE)) {
            Script.send(script, pair.one(), pair.one().fd());
            Trial.run(
                    () -> {
                        Answers.expect(wire, Kind.HELLO, 0, PATIENCE);
                        Hello hello = Hello.read(wire);
                        assertThat(hello.java()).doesNotContainPattern("\\p{Cc}");
                    },
                    Errno.values());
            Trial.run(() -> Answers.expect(wire, Kind.READY, 0, PATIENCE), Errno.values());
        }
    }
}
