// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.fuzz.Trial;

/** What an agent says: nothing but objects is taken, and of those that are JSON to others as well, the same members. */
class JsonLineFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "{\"event\":\"START_PRESERVATION\",\"id\":\"org.luo\"}",
                        "{\"error\":{\"errno\":\"ENOENT\",\"number\":2,\"message\":\"\\u00e9\\n"
                                + "\"},\"x\":[1,true,null]}")
                .map(line -> line.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("seeds")
    @FuzzTest
    void parse(byte[] data) {
        String line = new String(data, StandardCharsets.ISO_8859_1);
        Trial.run(
                () -> {
                    var members = JsonLine.parse(line);
                    try {
                        assertThat(JsonParser.parseString(line)
                                        .getAsJsonObject()
                                        .keySet())
                                .isEqualTo(members.keySet());
                    } catch (JsonParseException e) {
                        // a word that is none: it is text to us, and nobody looks at it
                    }
                },
                Errno.EBADMSG);
    }
}
