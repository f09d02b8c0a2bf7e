// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit of the distribution, as systemd-analyze reads it. */
class UnitIT {
    private static final Path HOME = Path.of(System.getProperty("luo.home")).toAbsolutePath();

    /** What systemd 254 brought; older ones ignore it, as the unit wants. */
    private static final String NEWER = ".*Unknown key( name)? 'FileDescriptorStorePreserve'.*";

    @TempDir
    private Path directory;

    @BeforeAll
    static void systemd() throws Exception {
        try {
            Process process = new ProcessBuilder("systemd-analyze", "--version")
                    .redirectErrorStream(true)
                    .start();
            process.inputReader().readAllAsString();
            process.waitFor();
        } catch (IOException e) {
            assumeTrue(false, "systemd-analyze is not there: " + e.getMessage());
        }
    }

    private static String unit() throws IOException {
        return Files.readString(HOME.resolve("systemd/luo.service"));
    }

    private List<String> complaints(String unit) throws Exception {
        Path file = Files.writeString(directory.resolve("luo.service"), unit.replace("/opt/luo/", HOME + "/"));
        Process process = new ProcessBuilder("systemd-analyze", "verify", file.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines = process.inputReader().readAllLines();
        process.waitFor();
        return lines.stream()
                .filter(line -> line.contains("luo.service") && !line.matches(NEWER))
                .toList();
    }

    @Test
    void thereIsNothingToComplainAbout() throws Exception {
        assertThat(complaints(unit())).isEmpty();
    }

    @Test
    void aUnitThatIsWrongIsComplainedAbout() throws Exception {
        assertThat(complaints(unit().replace("Type=notify", "Type=notfy"))).isNotEmpty();
        assertThat(complaints(unit().replace("luo run", "lou run"))).isNotEmpty();
    }

    @Test
    void itHasRoomForAsManyFilesAsItSays() throws Exception {
        assertThat(unit())
                .contains("\nFileDescriptorStoreMax=16384\n")
                .contains("\nEnvironment=LUO_FDSTORE=16384\n")
                .contains("\nKillMode=process\n")
                .contains("\nNotifyAccess=all\n");
        assertThat(Files.isExecutable(HOME.resolve("systemd/before-kexec"))).isTrue();
    }
}
