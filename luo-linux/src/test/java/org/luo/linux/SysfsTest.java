// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.linux.Failing.assertFails;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class SysfsTest {
    @TempDir
    private Path root;

    private Sysfs sysfs;
    private Path device;

    @BeforeEach
    void describeADevice() throws IOException {
        sysfs = new Sysfs(root);
        device = Files.createDirectories(root.resolve("devices/pci0000:00/0000:00:03.0/vfio-dev/vfio0"));
        Files.createDirectories(root.resolve("dev/char"));
        link("dev/char/249:7", "../../devices/pci0000:00/0000:00:03.0/vfio-dev/vfio0");
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }

    @Test
    void aDeviceNumberIsMajorAndMinor() throws Exception {
        int fd = FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
        Stat stat = Stat.of(fd);
        Fds.close(fd);
        assertThat(Sysfs.major(stat.rdev())).isEqualTo(1);
        assertThat(Sysfs.minor(stat.rdev())).isEqualTo(3);
        assertThat(Sysfs.major(0xabcfff12L)).isEqualTo(0xfff);
        assertThat(Sysfs.minor(0xabcfff12L)).isEqualTo(0xabc12);
    }

    @Test
    void aDeviceIsFoundByItsNumber() throws Exception {
        assertThat(sysfs.characterDevice(249 << 8 | 7)).contains(device);
        assertThat(sysfs.characterDevice(249 << 8 | 8)).isEmpty();
        assertThat(Sysfs.OF_THIS_MACHINE.characterDevice(1 << 8 | 3))
                .hasValueSatisfying(path -> assertThat(path).hasFileName("null"));
    }

    @Test
    void aLinkThatLeadsElsewhereIsGarbled() throws Exception {
        link("dev/char/1:1", "../../../etc");
        link("dev/char/1:2", "../../devices");
        link("dev/char/1:3", "/devices/virtual/misc/iommu");
        Files.createFile(root.resolve("dev/char/1:4"));
        for (int minor = 1; minor <= 3; minor++) {
            int number = 1 << 8 | minor;
            assertFails(Errno.EBADMSG, "is not as the kernel writes it", () -> sysfs.characterDevice(number));
        }
        assertFails(Errno.EIO, "1:4", () -> sysfs.characterDevice(1 << 8 | 4));
    }

    @Test
    void attributesMustLookAsTheyShould() throws Exception {
        Path vendor = device.resolve("vendor");
        assertThat(sysfs.text(vendor, ".*")).isEmpty();
        assertFails(Errno.ENODEV, "there is no such attribute", () -> sysfs.required(vendor, ".*"));
        Files.writeString(vendor, "0x1234\n");
        assertThat(sysfs.required(vendor, "0x[0-9a-f]{4}")).isEqualTo("0x1234");
        Files.writeString(vendor, "\u001b[31m12\n");
        assertFails(Errno.EBADMSG, "'?[31m12'", () -> sysfs.text(vendor, "0x[0-9a-f]{4}"));
        Files.writeString(vendor, "0".repeat(10_000));
        assertFails(Errno.EBADMSG, "0…'", () -> sysfs.text(vendor, "0x[0-9a-f]{4}"));
        assertThat(sysfs.bytes(vendor, 64))
                .hasValueSatisfying(bytes -> assertThat(bytes).hasSize(64));
        assertFails(Errno.EIO, "read " + device, () -> sysfs.text(device, ".*"));
    }

    @Test
    void linksAndNamesMustLookAsTheyShould() throws Exception {
        link("driver", "../../bus/pci/drivers/vfio-pci");
        assertThat(sysfs.linked(root.resolve("driver"))).contains("vfio-pci");
        assertThat(sysfs.linked(root.resolve("none"))).isEmpty();
        assertFails(Errno.EBADMSG, "no link", () -> sysfs.linked(device));
        assertThat(sysfs.names(root, "[a-z]+")).containsExactly("dev", "devices", "driver");
        assertThat(sysfs.names(root.resolve("none"), "x")).isEmpty();
        assertFails(Errno.EBADMSG, "'devices'", () -> sysfs.names(root, "[a-z]{3}|driver"));
    }
}
