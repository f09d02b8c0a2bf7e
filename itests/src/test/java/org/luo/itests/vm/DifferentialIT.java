// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The platform gives clients of {@code /dev/liveupdate} what the kernel gives them, but for the differences listed. */
class DifferentialIT {
    @TempDir
    private Path directory;

    @Test
    void theKernelStillAnswersAsRecorded() throws Exception {
        Script.run(directory, "kernel").assertSuccess();
    }

    @Test
    void thePlatformAnswersAsTheKernelButForWhatIsListed() throws Exception {
        Script.run(directory, "ours").assertSuccess();
    }

    @Test
    void theDocumentedTableIsTheListThatIsChecked() throws Exception {
        assertThat(Path.of("..", "docs", "differences.md"))
                .hasContent(Script.run(directory, "table").output());
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
    private Script compare(String row, String ours) throws Exception {
        return Script.execute(
                directory,
                List.of(
                        "awk",
                        "-f",
                        Script.VM.resolve("compare.awk").toString(),
                        write("table", "answer\tkernel\tours\treason\n" + row + "\n"),
                        write("kernel", "1 a.b: 0\n"),
                        write("ours", "1 a.b: " + ours + "\n")),
                Map.of(),
                Script.PATIENCE);
    }

    private String write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }
}
