// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Errno;
import org.luo.LuoException;

/** Lines that an agent may say, and lines that nobody should. */
class JsonLineTest {
    @Test
    void anEventAndAnError() throws Exception {
        assertThat(JsonLine.parse("{\"event\":\"CLAIMED\",\"id\":\"org.luo\"}"))
                .containsExactlyInAnyOrderEntriesOf(Map.of("event", "CLAIMED", "id", "org.luo"));
        assertThat(JsonLine.parse(" {\"error\" : {\"errno\":\"ENOENT\", \"number\":2 , \"list\":[1,{\"a\":[]}]} } "))
                .isEqualTo(Map.of("error", Map.of("errno", "ENOENT", "number", "2", "list", "")));
    }

    @Test
    void escapes() throws Exception {
        assertThat(JsonLine.parse("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\",\"b\":true,\"c\":-1.5e+3,\"d\":null}"))
                .isEqualTo(Map.of("a", "\"\\/\b\f\n\r\t\u00e9", "b", "true", "c", "-1.5e+3", "d", "null"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[]",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":}",
                "{\"a\":1",
                "{\"a\":1,}",
                "{\"a\":1}}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"b}",
                "{\"a\":[1}",
                "{\"a\":[[[[[[[[[[1]]]]]]]]]]}"
            })
    void whatIsNoneIsRefusedWithThePlace(String line) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> JsonLine.parse(line))
                .withMessageContaining("line of JSON at ")
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG));
    }
}
