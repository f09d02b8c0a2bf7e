// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.UnixSocket;

class HelloTest {
    private Wire from;
    private Wire to;

    @BeforeEach
    void start() throws LuoException {
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        from = new Wire(pair.one(), "successor", Duration.ofSeconds(5));
        to = new Wire(pair.other(), "successor", Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        from.close();
        to.close();
    }

    @Test
    void isReadAsItWasWritten() throws LuoException {
        Hello hello = new Hello(
                Kind.PROTOCOL, 4711, 1L << 40, "25.0.3", Set.of(Compatible.of("a-v1"), Compatible.of("b".repeat(47))));
        hello.write(from.compose(Kind.HELLO, 0));
        from.send();
        to.receive(Duration.ofSeconds(5));
        assertThat(Hello.read(to)).isEqualTo(hello);
    }

    @Test
    void asManyFormatsAsThereMayBeFit() throws LuoException {
        Set<Compatible> formats = IntStream.range(0, 1024)
                .mapToObj(i -> Compatible.of(String.format("%047d", i)))
                .collect(Collectors.toSet());
        new Hello(Kind.PROTOCOL, 1, 1, "x".repeat(300), formats).write(from.compose(Kind.HELLO, 0));
        from.send();
        to.receive(Duration.ofSeconds(5));
        assertThat(Hello.read(to).readable()).isEqualTo(formats);
    }

    @Test
    void anotherProtocolIsRefused() {
        assertRefused(Errno.EPROTO, "speaks handover protocol 1, not 2", out -> out.putInt(1));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertRefused(
                Errno.EBADMSG,
                "",
                out -> out.putInt(Kind.PROTOCOL).putInt(1).putLong(1).put((byte) 200));
        assertRefused(Errno.EBADMSG, "", out -> hello(out, Integer.MAX_VALUE));
        assertRefused(Errno.EBADMSG, "", out -> hello(out, 1).put((byte) 0));
        assertRefused(Errno.EBADMSG, "", out -> hello(out, 1).put((byte) 1).put((byte) 0x07));
        assertRefused(Errno.EBADMSG, "", out -> hello(out, 1).put((byte) 48).put(new byte[48]));
        assertRefused(Errno.EBADMSG, "", out -> hello(out, 0).put((byte) 1));
    }

    private static ByteBuffer hello(ByteBuffer out, int count) {
        return out.putInt(Kind.PROTOCOL).putInt(1).putLong(1).put((byte) 0).putInt(count);
    }

    private void assertRefused(Errno errno, String reason, Consumer<ByteBuffer> body) {
        assertThatThrownBy(() -> {
                    ByteBuffer out = from.compose(Kind.HELLO, 0);
                    int start = out.position();
                    body.accept(out);
                    while (out.position() < start + 21) {
                        out.put((byte) 0);
                    }
                    from.send();
                    to.receive(Duration.ofSeconds(5));
                    Hello.read(to);
                })
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .hasMessageContaining(reason);
    }
}
