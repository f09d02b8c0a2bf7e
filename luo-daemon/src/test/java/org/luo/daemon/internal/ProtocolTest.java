// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.Errno;
import org.luo.LuoException;

class ProtocolTest {
    private static Protocol.Request parse(String line) throws LuoException {
        return Protocol.parse(line.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void argumentsAreWhatJsonCanSay() throws LuoException {
        var request = parse("{\"command\":\"c\",\"arguments\":{\"a\":1,\"b\":1.5,\"c\":[true,null,{\"d\":\"é\"}],"
                + "\"e\":9223372036854775807}}");
        assertThat(request.command()).isEqualTo("c");
        assertThat(request.arguments())
                .containsEntry("a", 1L)
                .containsEntry("b", 1.5)
                .containsEntry("e", Long.MAX_VALUE);
        assertThat((List<?>) request.arguments().get("c")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|EBADMSG",
                "null|EBADMSG",
                "[1]|EBADMSG",
                "\"x\"|EBADMSG",
                "{'command':'c'}|EBADMSG",
                "{\"command\":\"c\"|EBADMSG",
                "{\"command\":\"c\"} {}|EBADMSG",
                "{\"command\":\"c\",\"command\":\"d\"}|EBADMSG",
                "{\"command\":\"c\",\"arguments\":{\"n\":NaN}}|EBADMSG",
                "{\"command\":\"c\",\"arguments\":{\"n\":1e999}}|EBADMSG",
                "{\"command\":null}|EINVAL",
                "{\"command\":[\"c\"]}|EINVAL",
                "{\"arguments\":{}}|EINVAL",
                "{\"command\":\"c\",\"arguments\":[]}|EINVAL",
                "{\"command\":\"c\",\"argument\":{}}|EINVAL",
            })
    void whatIsNoRequestIsRefused(String line, Errno errno) {
        assertThatThrownBy(() -> parse(line))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void nestingHasABound() {
        String deep = "{\"command\":\"c\",\"arguments\":{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}}";
        assertThatThrownBy(() -> parse(deep)).isInstanceOf(LuoException.class);
    }

    @Test
    void damagedRequestsAreParsedOrRefusedAndNothingElse() {
        byte[] good = "{\"command\":\"update\",\"arguments\":{\"kind\":\"process\",\"n\":[1,2.5,true,null]}}"
                .getBytes(StandardCharsets.UTF_8);
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = good.clone();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                Protocol.parse(damaged);
            } catch (LuoException e) {
                assertThat(e.errno()).isIn(Errno.EBADMSG, Errno.EINVAL);
            }
        }
    }

    @Test
    void anAnswerIsOneLineWhateverIsInIt() {
        String line = new String(Protocol.result(Map.of("text", "a\nb\u2028<c>")), StandardCharsets.UTF_8);
        assertThat(line).endsWith("}}\n").contains("a\\nb").contains("<c>");
        assertThat(line.lines()).hasSize(1);
    }
}
