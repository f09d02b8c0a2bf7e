// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices of VFIO work on while the platform that keeps them is replaced; in a virtual machine that has some. */
class DevicesIT {
    @TempDir
    private Path directory;

    @Test
    void devicesWorkThroughALiveUpdate() throws Exception {
        Script script = Script.run(directory, "devices");
        script.assertSuccess();
        assertThat(script.output())
                .contains("in flight when the successor took over", "heir: landed 171: ok", "0 failures")
                .doesNotContain("FAILED");
    }
}
