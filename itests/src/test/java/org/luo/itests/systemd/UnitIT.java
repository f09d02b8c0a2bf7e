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

/** The units of the distribution, as systemd-analyze reads them. How they behave {@code vm.SystemdIT} shows. */
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

    private Path install(String name, String unit) throws IOException {
        return Files.writeString(directory.resolve(name), unit.replace("/opt/luo/", HOME + "/"));
    }

    private List<String> complaints(String unit) throws Exception {
        Path file = install("luo.service", unit);
        Path other = install("luo-kexec.service", Files.readString(HOME.resolve("systemd/luo-kexec.service")));
        Process process = new ProcessBuilder("systemd-analyze", "verify", file.toString(), other.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines = process.inputReader().readAllLines();
        process.waitFor();
        return lines.stream()
                .filter(line -> line.matches(".*luo(-kexec)?\\.service.*") && !line.matches(NEWER))
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

    /** Each of these names devices to systemd, or did in some version, and then all others are out of reach: EPERM. */
    @Test
    void noSettingClosesTheDevices() throws Exception {
        assertThat(unit()).doesNotContainPattern("(?m)^(ProtectClock|PrivateDevices|DevicePolicy|DeviceAllow)=");
        assertThat(unit()).containsPattern("(?m)^CapabilityBoundingSet=(?!.*(SYS_TIME|WAKE_ALARM))");
    }

    /** Whoever needs the platform is started after it, and must not be stopped before everything is with the kernel. */
    @Test
    void whatIsStoppedFirstIsTheUnitForTheKexec() throws Exception {
        assertThat(unit()).contains("\nWants=luo-kexec.service\n").doesNotContain("ExecStop=");
        assertThat(Files.readString(HOME.resolve("systemd/luo-kexec.service")))
                .contains("\nAfter=luo.service multi-user.target\n")
                .contains("\nRemainAfterExit=yes\n")
                .contains("\nExecStop=/opt/luo/systemd/before-kexec\n");
    }
}
