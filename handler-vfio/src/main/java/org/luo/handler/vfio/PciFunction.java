// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Sysfs;

/**
 * A PCI function, as sysfs describes it.
 *
 * @param address where it is
 * @param vendor 16 bits, as the three that follow
 * @param device what it is
 * @param subsystemVendor who made the board
 * @param subsystemDevice what the board is
 * @param group the number of its IOMMU group
 */
record PciFunction(PciAddress address, int vendor, int device, int subsystemVendor, int subsystemDevice, int group) {
    private static final String ID = "0x[0-9a-f]{4}";

    /**
     * The function that a VFIO device stands for; empty if the path is not that of a VFIO device.
     *
     * @param path what {@link Sysfs#characterDevice} says of its number: {@code …/0000:01:00.0/vfio-dev/vfio0}
     * @throws LuoException EOPNOTSUPP if it is no PCI device, or has no IOMMU group · ENODEV or EBADMSG if sysfs lacks
     *     something or is garbled
     */
    static Optional<PciFunction> of(Sysfs sysfs, Path path) throws LuoException {
        if (!isVfioDevice(path)) {
            return Optional.empty();
        }
        Path function = directory(path);
        if (!sysfs.linked(function.resolve("subsystem")).equals(Optional.of("pci"))) {
            throw LuoException.of(Errno.EOPNOTSUPP, "VFIO device " + function.getFileName() + ": not of PCI");
        }
        String group = sysfs.linked(function.resolve("iommu_group")).orElse("");
        if (!group.matches("\\d{1,9}")) {
            throw LuoException.of(
                    Errno.EOPNOTSUPP, "VFIO device " + function.getFileName() + ": in no group, so there is no IOMMU");
        }
        return Optional.of(new PciFunction(
                PciAddress.of(function.getFileName().toString()),
                id(sysfs, function, "vendor"),
                id(sysfs, function, "device"),
                id(sysfs, function, "subsystem_vendor"),
                id(sysfs, function, "subsystem_device"),
                Integer.parseInt(group)));
    }

    static boolean isVfioDevice(Path path) {
        return path.getFileName().toString().matches("vfio\\d+")
                && path.getParent().getFileName().toString().equals("vfio-dev");
    }

    /** The directory of the function, from that of its VFIO device. */
    static Path directory(Path path) {
        return path.getParent().getParent();
    }

    private static int id(Sysfs sysfs, Path function, String name) throws LuoException {
        return Integer.decode(sysfs.required(function.resolve(name), ID));
    }

    /**
     * Refuses what can't go over by itself, as the kernel does.
     *
     * @throws LuoException EOPNOTSUPP if virtual functions of it are enabled, or its group has other devices · ENODEV or
     *     EBADMSG if sysfs lacks something or is garbled
     */
    void requireAlone(Sysfs sysfs, Path path) throws LuoException {
        Path function = directory(path);
        String functions =
                sysfs.text(function.resolve("sriov_numvfs"), "\\d{1,5}").orElse("0");
        if (!functions.matches("0+")) {
            throw refused("it is a physical function, and " + functions + " virtual functions of it are enabled");
        }
        List<String> members = sysfs.names(function.resolve("iommu_group/devices"), "[\\w:.-]{1,60}");
        if (!members.contains(address.toString())) {
            throw refused("it is not in its group " + group);
        }
        if (members.size() > 1) {
            throw refused("it is in group " + group + " with others: " + members);
        }
    }

    private LuoException refused(String why) {
        return LuoException.of(Errno.EOPNOTSUPP, "VFIO device " + address + ": " + why);
    }

    /** Vendor and device, as lspci writes them. */
    String ids() {
        return String.format("%04x:%04x (%04x:%04x)", vendor, device, subsystemVendor, subsystemDevice);
    }
}
