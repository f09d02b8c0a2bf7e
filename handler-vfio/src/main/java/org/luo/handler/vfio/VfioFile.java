// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.nio.file.Path;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Stat;
import org.luo.linux.Sysfs;

/**
 * An open file of VFIO, recognized by its device number, which sysfs translates. Names decide nothing: a FIFO may be
 * called vfio0, and anything be mounted on top of a device's node.
 *
 * @param number the device number
 * @param path the device in sysfs
 * @param function the PCI function that it stands for
 */
record VfioFile(long number, Path path, PciFunction function) {
    /**
     * What an fd shows.
     *
     * @throws LuoException EOPNOTSUPP with the reason, if it is no VFIO device of PCI that can go over · ENODEV or
     *     EBADMSG if sysfs lacks something or is garbled · EBADF
     */
    static VfioFile of(Sysfs sysfs, DeviceCalls calls, int fd) throws LuoException {
        Stat stat = calls.stat(fd);
        if (!stat.isCharacterDevice()) {
            boolean anonymous = (stat.mode() & Stat.S_IFMT) == 0;
            throw refused(
                    anonymous && calls.name(fd).equals("anon_inode:[vfio-device]")
                            ? "a VFIO device opened through its group, the legacy interface, whose container can't go"
                                    + " over: open /dev/vfio/devices/vfioN and bind it to an iommufd"
                            : "not a character device");
        }
        if ((calls.flags(fd) & FileIo.O_PATH) != 0) {
            throw refused("an O_PATH fd");
        }
        Path path = sysfs.characterDevice(stat.rdev())
                .orElseThrow(() -> refused("a character device that sysfs does not know; its driver has let it go"));
        Optional<PciFunction> function = PciFunction.of(sysfs, path);
        if (function.isEmpty()) {
            throw refused(whyNot(sysfs, path));
        }
        return new VfioFile(stat.rdev(), path, function.get());
    }

    private static String whyNot(Sysfs sysfs, Path path) {
        Path virtual = sysfs.root().resolve("devices/virtual");
        if (path.equals(virtual.resolve("misc/vfio"))) {
            return "a VFIO container, of the legacy interface: use /dev/iommu and /dev/vfio/devices/vfioN";
        }
        return path.startsWith(virtual.resolve("vfio"))
                ? "VFIO group " + path.getFileName() + ", of the legacy interface: use /dev/vfio/devices/vfioN"
                : "a character device, and none of VFIO";
    }

    private static LuoException refused(String why) {
        return LuoException.of(Errno.EOPNOTSUPP, why);
    }
}
