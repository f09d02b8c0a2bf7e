// SPDX-License-Identifier: Apache-2.0
package org.luo.preload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The library under a C program that brings servers of its own, polite and hostile: each of its cases is a test. */
class LibraryTest {
    private static final Path LIBRARY =
            Path.of("target/native/libluo-preload.so").toAbsolutePath();
    private static final Path SOURCE = Path.of("src/test/c/library.c").toAbsolutePath();

    @TempDir
    private Path dir;

    @TestFactory
    Stream<DynamicTest> cases() throws Exception {
        assumeTrue(Files.exists(LIBRARY), "no C compiler was there to build the library");
        String compiler = System.getenv().getOrDefault("CC", "cc");
        run(Map.of(), compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", "library", SOURCE.toString());
        List<String> lines = run(Map.of("LD_PRELOAD", LIBRARY.toString()), "./library");
        assertThat(lines).hasSizeGreaterThan(15);
        return lines.stream()
                .map(line -> dynamicTest(
                        line.split("[ :]")[1], () -> assertThat(line).startsWith("ok ")));
    }

    private List<String> run(Map<String, String> environment, String... command) throws Exception {
        Path output = dir.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("LUO_") || name.startsWith("XDG_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException(command[0] + " hangs: " + Files.readString(output));
        }
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertThat(lines.stream().allMatch(line -> line.matches("(ok|failed) .*")))
                .as(String.join("\n", lines))
                .isTrue();
        return lines;
    }
}
