// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How a script ended.
 *
 * @param status its exit status
 * @param output what it printed
 */
record Script(int status, String output) {
    static final Path VM = Path.of("vm").toAbsolutePath();

    private static final int MISSING = 77;
    static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration CLEAN_UP = Duration.ofSeconds(30);

    /** Runs {@code vm/run.sh}. */
    static Script run(Path directory, String what) throws Exception {
        return execute(directory, List.of(VM.resolve("run.sh").toString(), what), Map.of(), PATIENCE);
    }

    static Script execute(Path directory, List<String> command, Map<String, String> environment, Duration patience)
            throws Exception {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("LUO_HOME", System.getProperty("luo.home"));
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(patience))
                    .as("%s ends; so far: %s", command, Files.readString(output))
                    .isTrue();
        } finally {
            end(process);
        }
        return new Script(process.exitValue(), Files.readString(output));
    }

    /** SIGTERM, so that it takes down what it has started; also to whatever it waits for, since it looks up only then. */
    private static void end(Process process) throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        if (!process.waitFor(CLEAN_UP)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Skips the test where something is missing, with what the script says of it. */
    void assertSuccess() {
        assumeTrue(status != MISSING, output);
        assertThat(status).as(output).isZero();
    }
}
