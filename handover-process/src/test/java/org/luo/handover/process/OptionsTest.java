// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.Errno;
import org.luo.LuoException;

class OptionsTest {
    @TempDir
    private Path dir;

    @Test
    void withoutOptionsTheSuccessorIsLikeThisProcess() throws LuoException {
        Options options = Options.parse(Map.of());
        assertThat(options.java()).isEqualTo(Path.of(System.getProperty("java.home")));
        assertThat(options.bundles()).isEmpty();
        assertThat(options.jvm()).isEmpty();
        assertThat(options.boot()).isEqualTo(Duration.ofSeconds(60));
        assertThat(options.answer()).isEqualTo(Duration.ofSeconds(10));
        assertThat(options.rehearsal()).isEqualTo(Duration.ofMillis(600));
        assertThat(options.grace()).isEqualTo(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource({
        "speed, 3, not known; process handover knows bundles",
        "timeout.boot, 0, is not a number from 1 to 3600",
        "timeout.boot, 1s, is not a number",
        "timeout.answer, -1, is not a number",
        "grace, 99999999999999999999, is not a number",
        "java, /nowhere, no executable /nowhere/bin/java",
        "bundles, /nowhere, no directory '/nowhere'",
        "bundles, /tmp:, no directory ''"
    })
    void whatMakesNoSenseIsInvalid(String name, String value, String why) {
        assertInvalid(Map.of(name, value), "option '" + name + "': ", why);
    }

    @Test
    void anOldJavaIsRefused() throws IOException {
        java("17.0.15");
        assertInvalid(Map.of("java", dir.toString()), "is of version '17.0.15', at least 25 is needed");
    }

    @Test
    void aLaterJavaIsTaken() throws Exception {
        java("26-ea");
        Options options = Options.parse(Map.of("java", dir.toString()));
        assertThat(options.executable()).isEqualTo(dir.resolve("bin/java"));
    }

    @ParameterizedTest
    @CsvSource({"''", "twenty"})
    void aJavaOfUnknownVersionIsRefused(String version) throws IOException {
        java(version);
        assertInvalid(Map.of("java", dir.toString()), "at least 25 is needed");
        Files.delete(dir.resolve("release"));
        assertInvalid(Map.of("java", dir.toString()), "cannot tell the version");
    }

    private void java(String version) throws IOException {
        Path java = Files.createDirectory(dir.resolve("bin")).resolve("java");
        assertThat(Files.createFile(java).toFile().setExecutable(true)).isTrue();
        Files.writeString(dir.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    }

    private static void assertInvalid(Map<String, String> options, String... why) {
        assertThatThrownBy(() -> Options.parse(options))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContainingAll(why);
    }
}
