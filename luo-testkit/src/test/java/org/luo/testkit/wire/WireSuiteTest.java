// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WireSuiteTest {
    @TempDir
    private Path directory;

    @Test
    void everySourceIsInTheJar() throws IOException {
        try (Stream<Path> sources = Files.list(Path.of("src/main/c"))) {
            assertThat(sources.map(source -> source.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(WireSuite.SOURCES);
        }
    }

    @Test
    void withoutADeviceItSaysSo() throws IOException {
        assumeFalse(Files.exists(Path.of("/dev/liveupdate")), "this kernel has the device");
        try (WireSuite suite = WireSuite.build(directory).orElseGet(() -> abort("no C compiler"))) {
            assertThatThrownBy(() -> suite.ask(1, Map.of()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("/dev/liveupdate: No such file or directory");
        }
    }

    @Test
    void answersThatDifferAreNamed() throws IOException {
        WireAnswers kernel = answers("# a remark", "1 a.b: EBUSY", "1 a.c: fd: yes", "2 a.b: 0");
        assertThat(kernel.byName()).containsEntry("1 a.c", "fd: yes").hasSize(3);
        assertThat(answers("1 a.b: 0", "1 a.c: fd: yes").differencesFrom(kernel))
                .isEqualTo(Map.of("1 a.b", "0, not EBUSY", "2 a.b", "not asked, not 0"));
    }

    @Test
    void whatIsNoAnswerIsRefused() {
        assertThatThrownBy(() -> answers("1 a.b EBUSY")).hasMessageEndingWith("1 a.b EBUSY");
        assertThatThrownBy(() -> answers("1 a.b: 0", "1 a.b: 1")).hasMessageEndingWith("1 a.b: 1");
    }

    private WireAnswers answers(String... lines) throws IOException {
        return WireAnswers.read(Files.write(directory.resolve("answers"), List.of(lines)));
    }
}
