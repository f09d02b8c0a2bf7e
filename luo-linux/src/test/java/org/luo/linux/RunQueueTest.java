// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;

class RunQueueTest {
    @TempDir
    private Path directory;

    @Test
    void whoLooksIsCounted() throws LuoException {
        try (RunQueue queue = RunQueue.open()) {
            assertThat(queue.length()).isPositive();
        }
    }

    @Test
    void everyLookIsAtTheMoment() throws Exception {
        Path file = Files.writeString(directory.resolve("loadavg"), "0.62 1.72 2.00 3/345 12345\n");
        try (RunQueue queue = RunQueue.of(file)) {
            assertThat(queue.length()).isEqualTo(3);
            Files.writeString(file, "123.62 101.72 102.00 128/3450 4194304\n");
            assertThat(queue.length()).isEqualTo(128);
        }
    }

    @Test
    void anythingElseIsNoNumber() throws Exception {
        for (String text : new String[] {"", "0.62 1.72 2.00", "0.62 1.72 2.00 /345", "0.62 1.72 2.00 17", "\0\0/"}) {
            assertMalformed(text);
        }
    }

    private void assertMalformed(String text) throws IOException, LuoException {
        try (RunQueue queue = RunQueue.of(Files.writeString(directory.resolve("loadavg"), text))) {
            assertThatThrownBy(queue::length)
                    .as(text)
                    .isInstanceOfSatisfying(
                            LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG));
        }
    }
}
