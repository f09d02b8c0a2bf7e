// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small parts: sizes, tables, directories, processes. */
class PartsTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "4096, 4096", "64K, 65536", "256m, 268435456", "256MiB, 268435456", "1G, 1073741824"})
    void sizesAreRead(String text, long bytes) {
        assertThat(new ByteSize().convert(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 bytes", "1000, 1000 bytes", "65536, 64 KiB", "268435456, 256 MiB", "1073741824, 1 GiB"})
    void sizesAreShown(long bytes, String text) {
        assertThat(ByteSize.format(bytes)).isEqualTo(text);
    }

    @Test
    void timesAreShownInTwoUnits() {
        assertThat(List.of(59L, 61L, 3_700L, 100_000L))
                .extracting(seconds -> StatusCommand.time(Duration.ofSeconds(seconds)))
                .containsExactly("59 s", "1 min 1 s", "1 h 1 min", "1 d 3 h");
    }

    @Test
    void aTableNeedsAllItsCells() {
        assertThatThrownBy(() -> new Table("a", "#b").row("x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theRunDirectoryIsTheGivenOneThenLuoDir() {
        assertThat(RunDirectory.find(Path.of("/a/../b"), Map.of("LUO_DIR", "/c")))
                .isEqualTo(Path.of("/b"));
        assertThat(RunDirectory.find(null, Map.of("LUO_DIR", "/c"))).isEqualTo(Path.of("/c"));
    }

    @Test
    void thePlatformIsStartedAsTheScriptDoes() {
        PlatformSettings settings = PlatformSettings.of(Path.of("/home/luo"), Path.of("/tmp/l"))
                .withJava(Path.of("/jdk/bin/java"))
                .withProperties(Map.of("a", "b"));
        assertThat(settings.commandLine())
                .containsExactly(
                        "/jdk/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xms48m",
                        "-Xmn24m",
                        "-Xmx256m",
                        "-Dluo.home=/home/luo",
                        "-Dluo.dir=/tmp/l",
                        "-Dluo.bundles=/home/luo/bundles:/home/luo/workload",
                        "-Da=b",
                        "-cp",
                        "/home/luo/lib/*",
                        "org.luo.framework.Main");
    }

    @Test
    void aPlatformThatDoesNotStartIsReportedWithItsLog(@TempDir Path dir) throws Exception {
        PlatformSettings settings = PlatformSettings.of(dir.resolve("nothing"), dir.resolve("run"));
        try (PlatformProcess platform = PlatformProcess.start(settings)) {
            assertThatThrownBy(() -> platform.awaitReady(Duration.ofSeconds(20)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("status 1")
                    .hasMessageContaining("org.luo.framework.Main");
        }
    }

    @Test
    void closingKillsEveryGeneration(@TempDir Path dir) throws Exception {
        // stands for a successor: nothing to do with the process that was started but its command line
        Path script = Files.writeString(dir.resolve("java"), "#!/bin/sh\nexec tail -f /dev/null\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        PlatformSettings settings = PlatformSettings.of(dir, dir.resolve("run"));
        Process other = new ProcessBuilder(
                        "sh", "-c", "read line", "-Dluo.dir=" + dir.resolve("run"), PlatformSettings.MAIN)
                .start();
        PlatformProcess platform = PlatformProcess.start(settings.withJava(script));
        assertThat(platform.generations()).extracting(ProcessHandle::pid).contains(other.pid());
        platform.close();
        assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(PlatformProcess.awaitEnd(platform.pid(), Duration.ofSeconds(10)))
                .isTrue();
        assertThat(platform.generations()).isEmpty();
    }
}
