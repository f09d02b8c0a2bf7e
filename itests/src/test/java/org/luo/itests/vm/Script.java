// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How a script ended.
 *
 * @param status its exit status
 * @param output what it printed
 */
record Script(int status, String output) {
    static final Path VM = Path.of("vm").toAbsolutePath();

    private static final int MISSING = 77;
    private static final long PATIENCE_SECONDS = 600;

    /** Runs {@code vm/run.sh}. */
    static Script run(Path directory, String what) throws Exception {
        return execute(directory, List.of(VM.resolve("run.sh").toString(), what));
    }

    static Script execute(Path directory, List<String> command) throws Exception {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("LUO_HOME", System.getProperty("luo.home"));
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("%s ends; so far: %s", command, Files.readString(output))
                    .isTrue();
        } finally {
            process.destroy(); // SIGTERM: it takes down what it has started
        }
        return new Script(process.exitValue(), Files.readString(output));
    }

    /** Skips the test where something is missing, with what the script says of it. */
    void assertSuccess() {
        assumeTrue(status != MISSING, output);
        assertThat(status).as(output).isZero();
    }
}
