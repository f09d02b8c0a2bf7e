// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A platform's sessions outlive the kernel under it, twice: {@code run.sh kexec}. With less memory than by hand, since it
 * has to be filled and compared by an emulated processor.
 */
class KexecIT {
    private static final String MEBIBYTES = "64";
    private static final int MISSING = 77;
    private static final long PATIENCE_SECONDS = 860;

    @TempDir
    private Path directory;

    @Test
    void sessionsOutliveTwoKexecsAndAThirdThatFails() throws Exception {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(
                        List.of(Path.of("vm", "run.sh").toAbsolutePath().toString(), "kexec"))
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("LUO_HOME", System.getProperty("luo.home"));
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LUO_TRIP_MIB", MEBIBYTES);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("it ends; so far: %s", Files.readString(output))
                    .isTrue();
        } finally {
            process.destroy(); // SIGTERM: it takes down what it has started
        }
        String said = Files.readString(output);
        assumeTrue(process.exitValue() != MISSING, said);
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said)
                .contains("[2] verified thousand: 1000 files", "[2] verified guarded: 5 files")
                .contains("[3] verified later: 10 files", "[3] verified fresh: 3 files", "[3] rolled back")
                .contains("luod: org.luo keeps its session", "[3] handed in: the device");
    }
}
