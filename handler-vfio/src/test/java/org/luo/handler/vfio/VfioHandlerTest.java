// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.spi.FileDependency;
import org.luo.spi.PluginState;

/** What is taken for a VFIO device, what is refused and why, and what a device must still be when it has crossed. */
class VfioHandlerTest {
    private static final int MOST_CALLS = 10;

    @TempDir
    private Path root;

    private final List<Integer> fds = new ArrayList<>();
    private DevicesInMemory kernel;
    private VfioHandler handler;
    private Path function;
    private int fd;

    @BeforeEach
    void describeDevices() throws Exception {
        kernel = new DevicesInMemory(root);
        kernel.describe(0, "", "0000:00:03.0");
        kernel.describe(1, "0000:00:04.0", "0000:01:00.0");
        kernel.link("dev/char/250:3", root.resolve("devices/virtual/vfio/3"));
        kernel.link("dev/char/10:196", root.resolve("devices/virtual/misc/vfio"));
        kernel.link("dev/char/1:3", root.resolve("devices/virtual/mem/null"));
        handler = new VfioHandler(kernel.sysfs(), kernel, kernel);
        function = root.resolve("devices/pci0000:00/0000:00:03.0");
        fd = keep(DevicesInMemory.open("vfio0"));
    }

    @AfterEach
    void close() {
        fds.forEach(Fds::close);
    }

    private int keep(int kept) {
        fds.add(kept);
        return kept;
    }

    private String refusal(int asked) {
        return handler.canPreserve(asked).reason();
    }

    @Test
    void aDeviceIsTaken() throws Exception {
        assertThat(refusal(fd)).isEmpty();
        assertThat(refusal(keep(DevicesInMemory.open("vfio1")))).isEmpty();
        assertThat(handler.identity(fd)).isEqualTo(handler.identity(keep(Fds.duplicate(fd))));
        assertThat(handler.identity(fd)).isNotEqualTo(handler.identity(keep(DevicesInMemory.open("vfio1"))));
    }

    @Test
    void theLegacyInterfaceIsRefusedByName() throws Exception {
        assertThat(refusal(keep(DevicesInMemory.open("container"))))
                .startsWith("a VFIO container, of the legacy interface: use /dev/iommu");
        assertThat(refusal(keep(DevicesInMemory.open("group")))).startsWith("VFIO group 3, of the legacy interface");
        assertThat(refusal(keep(DevicesInMemory.open("legacy"))))
                .startsWith("a VFIO device opened through its group, the legacy interface");
    }

    @Test
    void otherFilesAreRefusedWithTheReason() throws Exception {
        assertThat(refusal(keep(DevicesInMemory.open("null")))).startsWith("a character device, and none of VFIO");
        assertThat(refusal(keep(Memfd.create("x", 0)))).startsWith("not a character device");
        assertThat(refusal(keep(FileIo.open(Path.of("/dev/null"), FileIo.O_PATH, 0))))
                .startsWith("an O_PATH fd");
        assertThat(refusal(keep(DevicesInMemory.open("vfio7")))).contains("sysfs does not know");
        assertThat(refusal(19999)).contains("EBADF");
    }

    @Test
    void aNameDecidesNothing() throws Exception {
        Path fifo = root.resolve("vfio0");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        assertThat(refusal(keep(FileIo.open(fifo, FileIo.O_RDWR, 0)))).startsWith("not a character device");
    }

    @Test
    void aPhysicalFunctionWithVirtualOnesIsRefused() throws Exception {
        Files.writeString(function.resolve("sriov_numvfs"), "0\n");
        assertThat(refusal(fd)).isEmpty();
        Files.writeString(function.resolve("sriov_numvfs"), "2\n");
        assertThat(refusal(fd))
                .contains("0000:00:03.0: it is a physical function, and 2 virtual functions of it are enabled");
        assertThatExceptionOfType(LuoException.NotSupported.class).isThrownBy(() -> handler.preserve(fd));
    }

    @Test
    void aDeviceInAGroupWithOthersIsRefused() throws Exception {
        Files.createDirectory(root.resolve("kernel/iommu_groups/0/devices/0000:00:03.1"));
        assertThat(refusal(fd)).contains("it is in group 0 with others: [0000:00:03.0, 0000:00:03.1]");
    }

    @Test
    void aDeviceThatIsNotOfPciOrHasNoIommuIsRefused() throws Exception {
        Files.delete(function.resolve("iommu_group"));
        assertThat(refusal(fd)).contains("in no group, so there is no IOMMU");
        Files.delete(function.resolve("subsystem"));
        assertThat(refusal(fd)).contains("not of PCI");
    }

    @ParameterizedTest
    @CsvSource({
        "vendor, 0xZZZZ, vendor is not as the kernel writes it",
        "device, , device is not as the kernel writes it",
        "sriov_numvfs, -1, sriov_numvfs is not as the kernel writes it",
        "subsystem_vendor, 0x123456, subsystem_vendor is not as the kernel writes it"
    })
    void garbledSysfsIsARefusal(String attribute, String value, String reason) throws Exception {
        Files.writeString(function.resolve(attribute), value == null ? "" : value);
        assertThat(refusal(fd)).contains(reason);
    }

    @Test
    void missingSysfsIsARefusal() throws Exception {
        Files.delete(function.resolve("subsystem_device"));
        assertThat(refusal(fd)).contains("subsystem_device: there is no such attribute");
        Files.delete(root.resolve("kernel/iommu_groups/0/devices/0000:00:03.0"));
        Files.writeString(function.resolve("subsystem_device"), "0x0001");
        assertThat(refusal(fd)).contains("it is not in its group 0");
    }

    @Test
    void aDeviceThatIsNotBoundIsNotPreserved() {
        kernel.bound.clear();
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> handler.preserve(fd))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void itDependsOnTheIommufdItIsBoundTo() throws Exception {
        PluginState state = handler.preserve(fd);
        kernel.iommufd = Optional.empty();
        FileDependency missing = handler.dependencies(fd, state).getFirst();
        assertThat(missing.what()).isEqualTo("the iommufd that VFIO device 0000:00:03.0 is bound to");
        assertThat(missing.identity()).isNotEqualTo(DevicesInMemory.IOMMUFD);
        kernel.iommufd = Optional.of(DevicesInMemory.IOMMUFD);
        assertThat(handler.dependencies(fd, state).getFirst().identity()).isEqualTo(DevicesInMemory.IOMMUFD);
    }

    @Test
    void inTheBlackoutADeviceCostsAtMostTenSystemCalls() throws Exception {
        PluginState state = handler.preserve(fd);
        handler.dependencies(fd, state); // at prepare
        kernel.called.clear();
        handler.dependencies(fd, state);
        assertThat(handler.freeze(fd, state)).isSameAs(state);
        assertThat(kernel.called).containsExactly("ioctl"); // and the link in sysfs, which is read by Java
        assertThat(kernel.called.size() + 1).isLessThanOrEqualTo(MOST_CALLS);
    }

    @Test
    void aDeviceThatHasGoneIsSaidAtTheFreeze() throws Exception {
        PluginState state = handler.preserve(fd);
        Files.delete(root.resolve("dev/char/249:0"));
        assertFreezeFails(state, "it was unbound from its driver, or has been removed");
        kernel.link("dev/char/249:0", root.resolve("devices/pci0000:00/0000:00:04.0/0000:01:00.0/vfio-dev/vfio0"));
        assertFreezeFails(state, "it was unbound from its driver, or has been removed");
        Files.delete(root.resolve("dev/char/249:0"));
        kernel.link("dev/char/249:0", function.resolve("vfio-dev/vfio0"));
        kernel.regions = 8;
        assertFreezeFails(state, "it is not as it was");
        kernel.regions = 9;
        assertThat(handler.freeze(fd, state)).isEqualTo(state);
    }

    private void assertFreezeFails(PluginState state, String reason) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> handler.freeze(fd, state))
                .withMessage("freeze VFIO device 0000:00:03.0, fd " + fd + ": " + reason + " [ENODEV]");
    }

    @Test
    void onlyTheSameDeviceUnchangedComesBack() throws Exception {
        PluginState state = handler.preserve(fd);
        assertThat(handler.retrieve(handler.compatible(), state)).isEqualTo(fd);
        assertMalformed("is another file", PluginState.of(state.data(), keep(DevicesInMemory.open("vfio1"))));
        assertMalformed("0 fds, expected 1", PluginState.of(state.data()));
        kernel.regions = 8;
        assertMalformed("0000:00:03.0: regions", state);
        kernel.regions = 9;
        Files.writeString(function.resolve("device"), "0x0001");
        assertMalformed("is 1234:0001 (1234:11e8) in group 0, expected 1234:11e8 (1234:11e8) in group 0", state);
        assertThatIllegalArgumentException().isThrownBy(() -> handler.retrieve(Compatible.of("vfio-k1"), state));
    }

    @Test
    void aReadOnlyFileIsNotTakenForAWritableOne() throws Exception {
        PluginState state = handler.preserve(fd);
        int readOnly = keep(FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDONLY, 0));
        assertMalformed("access mode 0, expected 2", PluginState.of(state.data(), readOnly));
    }

    private void assertMalformed(String message, PluginState state) {
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> handler.retrieve(handler.compatible(), state))
                .withMessageContaining(message);
    }
}
