// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.Passenger;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.spi.Verdict;
import org.luo.testkit.NoFdLeft;

/** The way out, with a double of the kernel: either everything is with the kernel, or everything is as before. */
@ExtendWith(NoFdLeft.class)
class KernelHandoverTest {
    @TempDir
    private Path root;

    private final InMemoryKernel kernel = new InMemoryKernel();
    private final InMemoryOutgoing outgoing = new InMemoryOutgoing();
    private MachineFiles files;
    private KernelHandover handover;

    @BeforeEach
    void twoFiles() throws Exception {
        files = MachineFiles.ready(root);
        handover = new KernelHandover(files.machine(), kernel);
        outgoing.add("memfd-p1", Verdict.yes());
        outgoing.add("memfd-p1", Verdict.yes());
    }

    @AfterEach
    void close() {
        kernel.close();
        outgoing.close();
    }

    private LuoException refused(Errno errno, Map<String, String> options) {
        LuoException refusal = catchThrowableOfType(LuoException.class, () -> handover.handOver(outgoing, options));
        assertThat(refusal.errno()).as(refusal.getMessage()).isEqualTo(errno);
        assertThat(kernel.kept()).isEmpty();
        kernel.close();
        assertThat(outgoing.calls.stream().filter("freeze"::equals).count())
                .isEqualTo(outgoing.calls.stream().filter("unfreeze"::equals).count());
        return refusal;
    }

    @Test
    void everythingIsGivenToTheKernelBeforeTheFreezeAndTheEnvelopeAfterIt() throws Exception {
        assertThatExceptionOfType(InMemoryKernel.Booted.class).isThrownBy(() -> handover.handOver(outgoing, Map.of()));
        assertThat(outgoing.calls).startsWith("list", "list closed", "freeze", "fence");
        Map<Long, Integer> kept = kernel.incoming.get(KernelSession.NAME).files();
        assertThat(kept.keySet()).containsExactly(1L, 2L, Envelope.TOKEN);
        Envelope envelope = Envelope.read(kept.get(Envelope.TOKEN));
        assertThat(envelope.tokens()).containsExactly(1, 2);
        assertThat(envelope.image().remaining()).isEqualTo(InMemoryOutgoing.BYTES.length);
        assertThat(envelope.release()).isEqualTo("7.2.13-luo");
    }

    @Test
    void aFileThatTwoStatesHaveIsGivenOnce() throws Exception {
        OpenFile shared = outgoing.open();
        outgoing.add("vfio-p1", Verdict.yes(), shared, outgoing.open());
        outgoing.add("iommufd-p1", Verdict.yes(), shared);
        assertThatExceptionOfType(InMemoryKernel.Booted.class).isThrownBy(() -> handover.handOver(outgoing, Map.of()));
        int fd = kernel.incoming.get(KernelSession.NAME).files().get(Envelope.TOKEN);
        assertThat(Envelope.read(fd).tokens()).containsExactly(1, 2, 3, 4, 3);
    }

    @Test
    void aKexecThatFailsUnfreezesEverythingAndLetsTheKernelGo() {
        kernel.refusesReboot = Errno.EIO;
        assertThat(refused(Errno.EIO, Map.of())).hasMessageContaining("kexec: no");
        assertThat(kernel.calls).endsWith("reboot");
    }

    @Test
    void aFreezeThatFailsLetsTheKernelGo() {
        outgoing.freezeFails = LuoException.of(Errno.EAGAIN, "freeze vm/0x1: not now");
        assertThat(refused(Errno.EAGAIN, Map.of())).isSameAs(outgoing.freezeFails);
    }

    @Test
    void whatTheKernelDoesNotKeepIsNamedAndNothingIsFrozen() throws Exception {
        kernel.refusesFile =
                outgoing.add("hugetlb-p1", Verdict.yes()).files().getFirst().identity();
        assertThat(refused(Errno.EOPNOTSUPP, Map.of()))
                .hasMessageContaining("vm/0x3 (hugetlb-p1: the kernel does not keep this kind of file)");
        assertThat(outgoing.calls).doesNotContain("freeze");
        kernel.refusesFileWith = Errno.ENOMEM;
        assertThat(refused(Errno.ENOMEM, Map.of())).hasMessageContaining("vm/0x3 (hugetlb-p1: the kernel says ENOMEM");
    }

    @Test
    void whatItsHandlerDoesNotWantIsNamedWithoutAskingTheKernel() throws Exception {
        outgoing.add("vfio-p1", Verdict.no("the device would be reset"));
        assertThat(refused(Errno.EOPNOTSUPP, Map.of()))
                .hasMessageContaining("vm/0x3 (vfio-p1: the device would be reset)")
                .hasMessageContaining("leave them behind");
    }

    @Test
    void filesAreLeftBehindByNameAndByFormat() throws Exception {
        Passenger device = outgoing.add("vfio-p1", Verdict.no("the device would be reset"));
        Passenger other = outgoing.add("memfd-p1", Verdict.yes());
        assertThatExceptionOfType(InMemoryKernel.Booted.class)
                .isThrownBy(() -> handover.handOver(outgoing, Map.of("leave", "vfio-p1, vm/0x4")));
        assertThat(outgoing.left).containsOnlyKeys(device.name(), other.name());
        LeftState left = LeftState.decode(outgoing.left.get(device.name()).data());
        assertThat(left.compatible()).hasToString("vfio-p1");
        assertThat(left.reason()).isEqualTo("the device would be reset");
    }

    @Test
    void whatCanNotCrossIsLeftBehindIfThatIsBetterThanNotGoing() throws Exception {
        Passenger device = outgoing.add("vfio-p1", Verdict.no("the device would be reset"));
        Passenger huge = outgoing.add("hugetlb-p1", Verdict.yes());
        kernel.refusesFile = huge.files().getFirst().identity();
        assertThatExceptionOfType(InMemoryKernel.Booted.class)
                .isThrownBy(() -> handover.handOver(outgoing, Map.of("leave-stuck", "true")));
        assertThat(outgoing.left).containsOnlyKeys(device.name(), huge.name());
        assertThat(LeftState.decode(outgoing.left.get(device.name()).data()).reason())
                .isEqualTo("the device would be reset");
        assertThat(LeftState.decode(outgoing.left.get(huge.name()).data()).reason())
                .isEqualTo("the kernel does not keep this kind of file");
        assertThat(refused(Errno.EINVAL, Map.of("leave-stuck", "yes"))).hasMessageContaining("neither true nor false");
    }

    @Test
    void aWordThatNamesNothingIsAMistake() {
        assertThat(refused(Errno.ENOENT, Map.of("leave", "memfd-p1,vm/0x9"))).hasMessageContaining("called vm/0x9");
        assertThat(refused(Errno.EINVAL, Map.of("prepare-only", "yes"))).hasMessageContaining("neither true nor false");
        assertThat(refused(Errno.EINVAL, Map.of("java", "/opt")))
                .hasMessageContaining("knows leave, leave-stuck, prepare-only");
    }

    @Test
    void preparedOnlyEverythingIsHeldByAProcessAndThisOneLeaves() throws Exception {
        UpdateReport report = handover.handOver(outgoing, Map.of("prepare-only", "true"));
        assertThat(kernel.calls).endsWith("hold").doesNotContain("reboot");
        assertThat(outgoing.calls).endsWith("relinquish to the next kernel, by process 4711");
        assertThat(report.successorPid()).isEqualTo(4711);
        assertThat(report.number()).isEqualTo(5);
        assertThat(report.phases())
                .extracting(UpdateReport.Phase::name)
                .containsExactly("preflight", "preserve", "freeze", "envelope", "hold");
    }

    @Test
    void whereSomebodyElseBootsThisPlatformDoesNot() throws Exception {
        kernel.way = "by the agent at /run/luod/liveupdate.sock";
        kernel.bootsElsewhere = true;
        assertThat(refused(Errno.EBUSY, Map.of()))
                .hasMessageContaining("by the agent at /run/luod/liveupdate.sock; it boots, not this platform");
        assertThat(outgoing.calls).isEmpty();
        handover.check(outgoing, Map.of());
        assertThat(kernel.calls).as("nothing can be asked").isEmpty();
        handover.handOver(outgoing, Map.of("prepare-only", "true"));
        assertThat(kernel.calls).containsExactly("create " + KernelSession.NAME, "hold");
        assertThat(new Preflight(handover).findings().getFirst().text()).isEqualTo("are had " + kernel.way);
    }

    @Test
    void whatIsMissingIsSaidBeforeAnythingIsTouched() throws Exception {
        files.with("sys/kernel/kexec_loaded", "0\n");
        assertThat(refused(Errno.EINVAL, Map.of()))
                .hasMessageContaining("no kernel is loaded; load one: luo kexec load");
        files.with("proc/self/status", "CapEff:\t0000000000000000\n");
        assertThat(refused(Errno.EPERM, Map.of())).hasMessageContaining("CAP_SYS_BOOT");
        kernel.refusesSessions = Errno.EBUSY;
        assertThat(refused(Errno.EBUSY, Map.of())).hasMessageContaining("/dev/liveupdate");
        assertThat(outgoing.calls).isEmpty();
    }

    @Test
    void howTheNextKernelWasLoadedIsKnownIfItWasHereOrIfThereIsOneWayOnly() throws Exception {
        assertThat(nextKernel().state()).isEqualTo(Finding.State.UNKNOWN);
        assertThat(nextKernel().text()).contains("to be sure: luo kexec load KERNEL");
        handover.loaded("/boot/vmlinuz");
        assertThat(nextKernel().state()).isEqualTo(Finding.State.OK);
        assertThat(nextKernel().text()).isEqualTo("/boot/vmlinuz, loaded by this platform with kexec_file_load");
        handover.loaded(null);
        assertThat(nextKernel().state()).isEqualTo(Finding.State.UNKNOWN);
        files.with("boot/config-7.2.13-luo", "CONFIG_KEXEC=y\n");
        assertThat(nextKernel().state()).isEqualTo(Finding.State.UNKNOWN);
        files.with("boot/config-7.2.13-luo", "# CONFIG_KEXEC is not set\n");
        assertThat(nextKernel().text()).contains("the only way that this kernel has");
        handover.loaded("/boot/vmlinuz");
        files.with("sys/kernel/kexec_loaded", "0\n");
        assertThat(nextKernel().state()).isEqualTo(Finding.State.MISSING);
    }

    private Finding nextKernel() {
        return new Preflight(handover).findings().getLast();
    }

    @Test
    void holesThatTheMemoryDoesNotSufficeForAreNotGivenToTheKernel() throws Exception {
        files.with("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:       4096 kB\n");
        Passenger sparse = outgoing.add("memfd-p1", Verdict.yes());
        FileIo.truncate(sparse.files().getFirst().fd(), 8 << 20);
        assertThat(refused(Errno.ENOMEM, Map.of()))
                .hasMessageContaining("8388608 bytes for holes")
                .hasMessageContaining("4194304 are available");
        assertThatExceptionOfType(LuoException.class).isThrownBy(() -> handover.check(outgoing, Map.of()));
        assertThat(handover.checked().memory().orElseThrow().state()).isEqualTo(Finding.State.MISSING);
        assertThat(handover.checked().files())
                .as("the kernel was not asked of any")
                .isEmpty();
        assertThatExceptionOfType(InMemoryKernel.Booted.class)
                .isThrownBy(() -> handover.handOver(outgoing, Map.of("leave", "vm/0x3")));
    }

    @Test
    void holesThatFitAreSaidWithWhatThereIs() throws Exception {
        Passenger sparse = outgoing.add("memfd-p1", Verdict.yes());
        FileIo.truncate(sparse.files().getFirst().fd(), 8 << 20);
        handover.check(outgoing, Map.of());
        assertThat(handover.checked().memory().orElseThrow().state()).isEqualTo(Finding.State.UNKNOWN);
        files.with("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:       8192 kB\n");
        handover.check(outgoing, Map.of());
        assertThat(handover.checked().memory().orElseThrow())
                .isEqualTo(Finding.ok(
                        "memory",
                        "the kernel would allocate 8388608 bytes for holes in the files, and 8388608 are available"));
    }

    @Test
    void holesBeyondAllNumbersAreTooMuch() throws Exception {
        for (int i = 0; i < 3; i++) {
            FileIo.truncate(
                    outgoing.add("memfd-p1", Verdict.yes()).files().getFirst().fd(), Long.MAX_VALUE);
        }
        files.with("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:       4096 kB\n");
        assertThat(refused(Errno.ENOMEM, Map.of())).hasMessageContaining(Long.MAX_VALUE + " bytes for holes");
    }

    @Test
    void filesWithoutHolesGoHoweverLittleMemoryThereIs() throws Exception {
        files.with("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:       0 kB\n");
        int full = outgoing.add("memfd-p1", Verdict.yes()).files().getFirst().fd();
        FileIo.allocate(full, 0, 0, 8192);
        assertThatExceptionOfType(InMemoryKernel.Booted.class).isThrownBy(() -> handover.handOver(outgoing, Map.of()));
    }

    @Test
    void whatWasRefusedAndIsKeptStandsInTheWay() throws Exception {
        handover.keep(new KernelHandover.Refused(-1, LuoException.of(Errno.EBADMSG, "envelope at offset 8: no")));
        assertThat(refused(Errno.EBUSY, Map.of()))
                .hasMessageContaining("envelope at offset 8")
                .hasMessageContaining("discard");
    }

    @Test
    void aCheckAsksOfEveryFileInASessionOfItsOwnAndFreezesNothing() throws Exception {
        outgoing.add("vfio-p1", Verdict.no("the device would be reset"));
        LuoException refusal = catchThrowableOfType(LuoException.class, () -> handover.check(outgoing, Map.of()));
        assertThat(refusal.errno()).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(handover.checked().files())
                .extracting(Boarding.Answer::fate)
                .containsExactly(Boarding.Fate.GOES, Boarding.Fate.GOES, Boarding.Fate.STUCK);
        handover.check(outgoing, Map.of("leave", "vfio-p1"));
        assertThat(handover.checked().files().getLast().fate()).isEqualTo(Boarding.Fate.STAYS);
        assertThat(handover.checked().memory().orElseThrow().text()).contains("no holes");
        assertThat(outgoing.calls).doesNotContain("freeze");
        assertThat(kernel.calls).doesNotContain("create " + KernelSession.NAME);
        assertThat(kernel.kept()).isEmpty();
        assertThat(Fds.isOpen(outgoing.passengers.getFirst().files().getFirst().fd()))
                .isTrue();
    }
}
