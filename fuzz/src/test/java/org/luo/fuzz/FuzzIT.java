// SPDX-License-Identifier: Apache-2.0
package org.luo.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Fuzzes every target, each for a bounded time in a JVM of its own, since the fuzzer takes one in a JVM.
 *
 * <p>Targets are the classes named {@code …FuzzTest}. As unit tests they run their seeds only.
 */
class FuzzIT {
    private static final Path CLASSES = Path.of("target", "test-classes");
    private static final Path WORK = Path.of("target", "fuzz");

    /** Longest that one input may take, in seconds; more is a hang. */
    private static final int INPUT_SECONDS = 10;

    private static final Pattern FINDING = Pattern.compile("(?m)^(== Java Exception|==\\d+== ERROR|ERROR:)");
    private static final int SHOWN = 3000;

    /** For what goes before and after the fuzzing. */
    private static final int MORE_SECONDS = 90;

    @TestFactory
    Stream<DynamicTest> nothingIsFound() throws IOException {
        long seconds = Long.getLong("fuzz.seconds", 0);
        assumeTrue(seconds > 0, "-Dfuzz.seconds=0");
        return targets().stream().map(target -> DynamicTest.dynamicTest(target, () -> fuzz(target, seconds)));
    }

    private static List<String> targets() throws IOException {
        String wanted = System.getProperty("fuzz.target", "");
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.map(file -> CLASSES.relativize(file).toString())
                    .filter(name -> name.endsWith("FuzzTest.class") && name.contains(wanted))
                    .map(name -> name.replace(".class", "").replace('/', '.'))
                    .sorted()
                    .toList();
        }
    }

    private static void fuzz(String target, long seconds) throws IOException, InterruptedException {
        Files.createDirectories(WORK);
        Path log = WORK.resolve(target + ".log");
        Process fuzzer = new ProcessBuilder(command(target, seconds))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = fuzzer.waitFor(seconds + MORE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            fuzzer.destroyForcibly().waitFor();
        }
        assertThat(ended).as("%s ends in time; see %s", target, log).isTrue();
        String output = Files.readString(log);
        assertThat(fuzzer.exitValue())
                .as("%s; all of it is in %s%n%s", target, log, finding(output))
                .isZero();
        List<String> done =
                output.lines().filter(line -> line.startsWith("Done ")).toList();
        assertThat(done).as("%s fuzzed; see %s", target, log).isNotEmpty();
        System.out.println(target + ": " + done.getFirst());
    }

    /** The exception or the hang, and where the input is. */
    private static String finding(String output) {
        Matcher start = FINDING.matcher(output);
        int from = start.find() ? start.start() : Math.max(0, output.length() - SHOWN);
        String shown = output.substring(from, Math.min(output.length(), from + SHOWN));
        return output.lines()
                .filter(line -> line.contains("Test unit written to"))
                .reduce(shown, (text, line) -> text + "\n…\n" + line);
    }

    private static List<String> command(String target, long seconds) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+EnableDynamicAgentLoading",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-Djazzer.internal.basedir=" + WORK,
                "-classpath",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target,
                "--instrumentation_includes=org.luo.**:com.google.gson.**",
                "-max_total_time=" + seconds,
                "-timeout=" + INPUT_SECONDS);
    }
}
