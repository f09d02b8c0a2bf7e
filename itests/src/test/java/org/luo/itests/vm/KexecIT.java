// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A platform's sessions outlive the kernel under it, twice: {@code run.sh kexec}. With less memory than by hand, since it
 * has to be filled and compared by an emulated processor.
 */
class KexecIT {
    private static final String MEBIBYTES = "64";
    private static final Duration PATIENCE = Duration.ofSeconds(860);

    @TempDir
    private Path directory;

    @Test
    void sessionsOutliveTwoKexecsAndAThirdThatFails() throws Exception {
        Script script = Script.execute(
                directory,
                List.of(Script.VM.resolve("run.sh").toString(), "kexec"),
                Map.of("LUO_TRIP_MIB", MEBIBYTES),
                PATIENCE);
        script.assertSuccess();
        assertThat(script.output())
                .contains("[2] verified thousand: 1000 files", "[2] verified guarded: 5 files")
                .contains("[3] verified later: 10 files", "[3] verified fresh: 3 files", "[3] rolled back")
                .contains("luod: org.luo keeps its session", "[3] handed in: the device");
    }
}
