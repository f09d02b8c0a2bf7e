// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The platform gives clients of {@code /dev/liveupdate} what the kernel gives them, but for the differences listed. */
class DifferentialIT {
    private static final Path VM = Path.of("vm").toAbsolutePath();
    private static final int MISSING = 77;
    private static final long PATIENCE_SECONDS = 300;

    @TempDir
    private Path directory;

    private record Outcome(int status, String output) {
        void assertSuccess() {
            assumeTrue(status != MISSING, output);
            assertThat(status).as(output).isZero();
        }
    }

    @Test
    void theKernelStillAnswersAsRecorded() throws Exception {
        run("kernel").assertSuccess();
    }

    @Test
    void thePlatformAnswersAsTheKernelButForWhatIsListed() throws Exception {
        run("ours").assertSuccess();
    }

    @Test
    void theDocumentedTableIsTheListThatIsChecked() throws Exception {
        assertThat(Path.of("..", "docs", "differences.md"))
                .hasContent(run("table").output());
    }

    @Test
    void aDifferenceThatIsNotListedIsASurprise() throws Exception {
        assertThat(compare("1 a.b\t0\tEBUSY\twhy", "EBUSY").status()).isZero();
        assertThat(compare("1 a.*\t0\tEBUSY\twhy", "EBUSY").status()).isZero();
        assertThat(compare("", "EBUSY").output()).contains("not in the table: 1 a.b\t0\tEBUSY");
        assertThat(compare("1 a.b\t0\tEBUSY\twhy", "EIO").output()).contains("not in the table: 1 a.b\t0\tEIO");
        assertThat(compare("", "EBUSY").status()).isEqualTo(1);
    }

    @Test
    void aListedDifferenceThatIsGoneIsASurprise() throws Exception {
        assertThat(compare("1 a.b\t0\tEBUSY\twhy", "0").output()).contains("no difference any more: 1 a.b: 0");
        assertThat(compare("1 gone\t0\tEBUSY\twhy", "0").output()).contains("nothing differs so any more: 1 gone");
        assertThat(compare("1 gone\t0\tEBUSY\twhy", "0").status()).isEqualTo(1);
    }

    /** The kernel answers 0. */
    private Outcome compare(String row, String ours) throws Exception {
        return execute(List.of(
                "awk",
                "-f",
                VM.resolve("compare.awk").toString(),
                write("table", "answer\tkernel\tours\treason\n" + row + "\n"),
                write("kernel", "1 a.b: 0\n"),
                write("ours", "1 a.b: " + ours + "\n")));
    }

    private String write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }

    private Outcome run(String what) throws Exception {
        return execute(List.of(VM.resolve("run.sh").toString(), what));
    }

    private Outcome execute(List<String> command) throws Exception {
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
        return new Outcome(process.exitValue(), Files.readString(output));
    }
}
