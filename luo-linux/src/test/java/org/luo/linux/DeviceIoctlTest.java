// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.luo.linux.Failing.assertFails;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

/** Files that are no devices are told apart by errno; what devices say is seen in a virtual machine, itests/vm. */
@ExtendWith(NoFdLeft.class)
class DeviceIoctlTest {
    private static final Path IOMMU = Path.of("/dev/iommu");

    @Test
    void otherFilesAreNoIommufds() throws Exception {
        int fd = FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
        assertFails(Errno.ENOTTY, "of iommufd, fd " + fd, () -> Iommufd.allocateIoas(fd));
        assertFails(Errno.ENOTTY, "address space 7 of iommufd, fd " + fd, () -> Iommufd.ranges(fd, 7));
        assertFails(Errno.ENOTTY, "device 7 of iommufd, fd " + fd, () -> Iommufd.hardware(fd, 7));
        assertFails(Errno.ENOTTY, "destroy object 7", () -> Iommufd.destroy(fd, 7));
        assertFails(Errno.ENOTTY, "of iommufd, fd " + fd, () -> Iommufd.isSame(fd, 19999));
        Fds.close(fd);
    }

    @Test
    void otherFilesAreNoVfioDevices() throws Exception {
        int fd = FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
        assertFails(Errno.ENOTTY, "ask VFIO device, fd " + fd, () -> VfioDevice.info(fd));
        assertFails(Errno.ENOTTY, "region 1 of VFIO device, fd " + fd, () -> VfioDevice.region(fd, 1));
        assertFails(Errno.ENOTTY, "interrupt 1 of VFIO device, fd " + fd, () -> VfioDevice.irq(fd, 1));
        assertFails(Errno.EOPNOTSUPP, "find the iommufd", () -> VfioDevice.isBoundTo(fd, fd));
        Fds.close(fd);
    }

    @Test
    void fdsThatAreNotOpenAreSaid() {
        assertFails(Errno.EBADF, "fd 19999", () -> Iommufd.ranges(19999, 1));
        assertFails(Errno.EBADF, "fd 19999", () -> VfioDevice.info(19999));
        assertFails(Errno.EBADF, "fd 19999", () -> VfioDevice.isBoundTo(19999, 19999));
    }

    @Test
    void eachOpeningIsAnotherContextAndEachDuplicateTheSame() throws Exception {
        assumeTrue(Files.isWritable(IOMMU), "no /dev/iommu here; the test in the virtual machine has one");
        int one = FileIo.open(IOMMU, FileIo.O_RDWR, 0);
        int other = FileIo.open(IOMMU, FileIo.O_RDWR, 0);
        int same = Fds.duplicate(one);
        int ioas = Iommufd.allocateIoas(one);
        assertThat(Iommufd.isSame(one, same)).isTrue();
        assertThat(Iommufd.isSame(one, other)).isFalse();
        assertThat(Iommufd.ranges(same, ioas)).hasValue(1);
        assertThat(Iommufd.ranges(other, ioas)).isEmpty();
        assertThat(Iommufd.hardware(one, ioas)).isEmpty();
        Iommufd.destroy(same, ioas);
        assertThat(Iommufd.ranges(one, ioas)).isEmpty();
        for (int fd : new int[] {one, other, same}) {
            Fds.close(fd);
        }
    }
}
