// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.cli.doctor.Finding.Status;

/** What is said of machines that lack one thing or another, or everything. */
class DoctorTest {
    private static final RunningPlatform PLATFORM =
            new RunningPlatform(42, List.of("memfd-p1", "huge-memfd-p1", "iommufd-p1", "vfio-pci-p1"), true, "");

    @TempDir
    private Path root;

    @TempDir
    private Path home;

    private FakeMachine machine;

    @BeforeEach
    void aMachineThatHasEverything() throws IOException {
        machine = new FakeMachine(root).complete();
        Files.createDirectories(home.resolve("native"));
        Files.writeString(home.resolve("native/libluo-preload.so"), "");
    }

    private List<Finding> examine(RunningPlatform platform) {
        return new Doctor(machine.machine(), home, Optional.ofNullable(platform)).examine();
    }

    private Finding find(RunningPlatform platform, String what) {
        return examine(platform).stream()
                .filter(finding -> finding.what().equals(what))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whereEverythingIsThereNothingIsToBeDone() throws IOException {
        machine.file("/proc/42/limits", "Max open files            1024                 1048576              files\n");
        for (RunningPlatform platform : new RunningPlatform[] {null, PLATFORM}) {
            assertThat(examine(platform)).allSatisfy(finding -> {
                assertThat(finding.status()).as(finding.toString()).isEqualTo(Status.OK);
                assertThat(finding.found()).isNotBlank();
                assertThat(finding.remedy()).isEmpty();
            });
        }
        assertThat(find(PLATFORM, "huge pages").found()).isEqualTo("1048576 kB: 0 of 0 free, 2048 kB: 60 of 64 free");
        assertThat(find(PLATFORM, "fds").found()).isEqualTo("limit 1024, may be raised to 1048576: 1048320 files");
    }

    @Test
    void onABareMachineEveryFindingSaysWhatToDo(@TempDir Path nothing) {
        machine = new FakeMachine(nothing);
        assertThat(examine(null))
                .filteredOn(finding -> finding.status() == Status.NO || finding.status() == Status.FAULT)
                .hasSizeGreaterThan(7)
                .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank());
        assertThat(find(null, "fds").status()).isEqualTo(Status.UNKNOWN);
        assertThat(find(null, "memory").status()).isEqualTo(Status.UNKNOWN);
        assertThat(find(null, "options").status()).isEqualTo(Status.UNKNOWN);
        assertThat(find(null, "memfds").status()).isEqualTo(Status.FAULT);
        assertThat(find(null, "huge pages").found()).isEqualTo("no /sys/kernel/mm/hugepages");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/dev/iommu | iommufd | no /dev/iommu, CONFIG_IOMMUFD=y | as root: modprobe iommufd",
                "/dev/vfio/devices/vfio0 | VFIO devices | none in /dev/vfio/devices | driver_override",
                "/sys/class/iommu/dmar0 | IOMMU | none in /sys/class/iommu | intel_iommu=on",
                "/dev/liveupdate | /dev/liveupdate | not there | command line above",
                "/proc/cmdline | command line | not on it: kho=on, liveupdate=on | add kho=on liveupdate=on to"
            })
    void whatIsMissingIsSaidWithItsRemedy(String file, String what, String found, String remedy) throws IOException {
        machine.without(file);
        Finding finding = find(null, what);
        assertThat(finding.status()).isEqualTo(Status.NO);
        assertThat(finding.found()).isEqualTo(found);
        assertThat(finding.remedy()).contains(remedy);
    }

    @Test
    void aKernelWithoutTheOptionNeedsAnother() throws IOException {
        machine.options("KEXEC_FILE").without("/dev/iommu");
        assertThat(find(null, "iommufd").remedy()).isEqualTo("a kernel with CONFIG_IOMMUFD");
        assertThat(find(null, "options").found())
                .isEqualTo("not set: CONFIG_KEXEC_HANDOVER, CONFIG_LIVEUPDATE, CONFIG_LIVEUPDATE_MEMFD");
        assertThat(find(null, "memfds").status()).isEqualTo(Status.FAULT);
    }

    @Test
    void aConfigurationInBootWillDo() throws IOException {
        machine.without("/proc/config.gz").file("/boot/config-" + FakeMachine.KERNEL, "CONFIG_LIVEUPDATE=y\n");
        assertThat(find(null, "options").found()).contains("CONFIG_KEXEC_FILE").doesNotContain("CONFIG_LIVEUPDATE,");
    }

    @ParameterizedTest
    @CsvSource({"6.18.44, NO", "6.19, OK", "6.19.1-rc1, OK", "7.0, OK", "5.99, NO", "strange, UNKNOWN"})
    void theKernelMustBeNewEnoughForAKernelHandover(String version, Status status) throws IOException {
        machine.file("/proc/sys/kernel/osrelease", version);
        assertThat(find(null, "kernel").status()).isEqualTo(status);
    }

    @Test
    void poolsWithoutAPageAreSaidWithTheCommandThatFillsThem() throws IOException {
        machine.pool("hugepages-2048kB", 0, 0);
        Finding finding = find(null, "huge pages");
        assertThat(finding.status()).isEqualTo(Status.NO);
        assertThat(finding.remedy()).contains("sysctl vm.nr_hugepages=64");
    }

    @Test
    void tooFewFdsOfThePlatformAreAFault() throws IOException {
        machine.file("/proc/42/limits", "Max open files            1024                 4096                 files\n")
                .file("/proc/sys/fs/nr_open", "1048576\n");
        Finding finding = find(PLATFORM, "fds");
        assertThat(finding.status()).isEqualTo(Status.FAULT);
        assertThat(finding.found()).isEqualTo("limit 1024, may be raised to 4096: 3840 files");
        assertThat(finding.remedy()).contains("ulimit -Hn", "LimitNOFILE=", "1048576");
        assertThat(find(null, "fds").status()).isEqualTo(Status.OK);
    }

    @Test
    void tooLittleMemoryForASuccessorIsAFault() throws IOException {
        machine.file("/proc/meminfo", "MemAvailable: 100000 kB\n");
        assertThat(find(null, "memory").status()).isEqualTo(Status.FAULT);
    }

    @Test
    void aHandlerThatThePlatformLacksIsNamed() {
        RunningPlatform few = new RunningPlatform(42, List.of("memfd-p1"), true, "");
        assertThat(find(few, "memfds").status()).isEqualTo(Status.OK);
        assertThat(find(few, "huge pages").remedy()).contains("flb-hugetlb");
        assertThat(find(few, "iommufd").remedy()).contains("handler-iommu");
        assertThat(find(few, "VFIO devices").found()).isEqualTo("vfio0; the platform has no handler for it");
    }

    @Test
    void aPlatformThatIsNotWholeIsAFault() {
        Finding inactive = find(new RunningPlatform(42, List.of(), true, "org.luo.daemon [9]"), "running");
        assertThat(inactive.status()).isEqualTo(Status.FAULT);
        assertThat(inactive.found()).isEqualTo("process 42, without org.luo.daemon [9]");
        assertThat(find(new RunningPlatform(42, List.of(), false, ""), "running")
                        .status())
                .isEqualTo(Status.NO);
    }

    @Test
    void whatCanNeverBeKeptIsSaidToo() throws IOException {
        machine.file("/dev/kvm", "").file("/dev/vfio/7", "");
        assertThat(find(null, "KVM").status()).isEqualTo(Status.NEVER);
        assertThat(find(null, "VFIO groups").found()).isEqualTo("/dev/vfio/7: containers and groups are refused");
    }

    @Test
    void anOrdinaryUserIsToldWhatOnlyRootMay() throws IOException {
        machine.file("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\n")
                .file("/proc/sys/kernel/yama/ptrace_scope", "1\n");
        assertThat(find(null, "luo check --pid").status()).isEqualTo(Status.NO);
        assertThat(find(null, "kexec").status()).isEqualTo(Status.NO);
    }

    @Test
    void garbledFilesAreNotThere() throws IOException {
        machine.file("/proc/config.gz", "no gzip")
                .file("/proc/meminfo", "MemAvailable: " + "9".repeat(4000) + " kB\n")
                .file("/proc/self/limits", "Max open files many more\n")
                .file("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "\u001b[2J")
                .file("/proc/self/status", "Uid:\n")
                .file("/proc/sys/kernel/osrelease", "");
        assertThat(find(null, "memory").status()).isEqualTo(Status.UNKNOWN);
        assertThat(find(null, "fds").status()).isEqualTo(Status.UNKNOWN);
        assertThat(find(null, "kernel").status()).isEqualTo(Status.UNKNOWN);
        assertThat(find(null, "kexec").status()).isEqualTo(Status.NO);
        assertThat(find(null, "huge pages").status()).isEqualTo(Status.NO);
    }

    @Test
    void thisMachineCanBeLookedAt() {
        assertThat(new Doctor(Machine.present(), home, Optional.empty()).examine())
                .hasSizeGreaterThan(15)
                .filteredOn(finding -> finding.status() != Status.UNKNOWN)
                .allSatisfy(finding -> assertThat(finding.remedy().isEmpty())
                        .as(finding.toString())
                        .isEqualTo(finding.status() == Status.OK));
    }
}
