// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The distribution's units under a real systemd, in a virtual machine: {@code run.sh systemd}. Whatever ends the platform, and
 * at last the kernel, every byte is there afterwards.
 */
class SystemdIT {
    @TempDir
    private Path directory;

    @Test
    void whatIsPreservedOutlivesCrashesRestartsAHangAndTheKernel() throws Exception {
        Script script = Script.run(directory, "systemd");
        script.assertSuccess();
        assertThat(script.output())
                .contains("StatusText=normal: 0 sessions, 0 files; live update 0")
                .contains("[1] verified crashed: 10 files", "[1] verified restarted: 10 files")
                .contains("[1] verified updated: 10 files", "[1] verified orphaned: 10 files")
                .contains("[1] verified hung: 10 files", "[1] leaving")
                .contains("[2] came over a kexec", "[2] verified kexeced: 10 files")
                .contains("[2] verified guarded: 5 files", "[2] verified lodger: 5 files")
                .doesNotContain("FAILED");
    }
}
