// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handler.iommu.Iommufds;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.Sysfs;
import org.luo.linux.VfioDevice.Info;
import org.luo.linux.VfioDevice.Irq;
import org.luo.linux.VfioDevice.Region;
import org.luo.spi.FileIdentity;

/**
 * A kernel with VFIO devices for tests: each is a memfd, whose name says which. So fds are real, can be duplicated and
 * passed. sysfs is a directory. Every call is counted.
 */
final class DevicesInMemory implements DeviceCalls, Iommufds {
    static final FileIdentity IOMMUFD = new FileIdentity(1, 1);
    static final int MAJOR = 249;

    final Set<String> bound = new HashSet<>();
    final List<String> called = new ArrayList<>();
    Optional<FileIdentity> iommufd = Optional.of(IOMMUFD);
    int regions = 9;

    private final Path root;

    DevicesInMemory(Path root) {
        this.root = root;
    }

    Sysfs sysfs() {
        return new Sysfs(root);
    }

    /** Describes a device and its group. */
    void describe(int minor, String behind, String address) throws IOException {
        Path function = root.resolve("devices/pci0000:00").resolve(behind).resolve(address);
        Files.createDirectories(function.resolve("vfio-dev/vfio" + minor));
        link("dev/char/" + MAJOR + ":" + minor, function.resolve("vfio-dev/vfio" + minor));
        link("bus/pci/devices/" + address, function);
        link(function.resolve("subsystem").toString(), root.resolve("bus/pci"));
        Path group = root.resolve("kernel/iommu_groups/" + minor);
        Files.createDirectories(group.resolve("devices").resolve(address));
        link(function.resolve("iommu_group").toString(), group);
        for (String id : List.of("vendor", "subsystem_vendor")) {
            Files.writeString(function.resolve(id), "0x1234\n");
        }
        for (String id : List.of("device", "subsystem_device")) {
            Files.writeString(function.resolve(id), "0x11e8\n");
        }
        bound.add("vfio" + minor);
    }

    void link(String name, Path target) throws IOException {
        Path link = root.resolve(name);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, link.getParent().relativize(target));
    }

    /** Opens a file that is a device of this name. */
    static int open(String name) throws LuoException {
        int fd = Memfd.create(name, 0);
        FileIo.truncate(fd, Integer.BYTES);
        return fd;
    }

    private static String device(int fd) {
        try {
            String name = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
            return name.replaceAll("/memfd:(vfio\\d+|group|container|legacy|null) .*", "$1");
        } catch (IOException e) {
            return "";
        }
    }

    /** As fstat of a device of that name. */
    @Override
    public Stat stat(int fd) throws LuoException {
        called.add("fstat");
        String device = device(fd);
        if (device.equals("legacy")) {
            return new Stat(15, 1, 0600, 1, 0, 0, 0);
        }
        if (!device.matches("vfio\\d+|group|container|null")) {
            return Stat.of(fd);
        }
        long number = switch (device) {
            case "group" -> 250 << 8 | 3;
            case "container" -> 10 << 8 | 196;
            case "null" -> 1 << 8 | 3;
            default -> MAJOR << 8 | Integer.parseInt(device.substring(4));
        };
        return new Stat(7, 554, Stat.S_IFCHR | 0600, 1, 0, 0, number);
    }

    @Override
    public int flags(int fd) throws LuoException {
        called.add("fcntl");
        return Fds.statusFlags(fd);
    }

    @Override
    public String name(int fd) {
        called.add("readlink");
        return device(fd).equals("legacy") ? "anon_inode:[vfio-device]" : device(fd);
    }

    @Override
    public Info info(int fd) throws LuoException {
        called.add("ioctl");
        if (!bound.contains(device(fd))) {
            throw LuoException.of(Errno.EINVAL, "ask VFIO device, fd " + fd);
        }
        return new Info(2, regions, 5);
    }

    @Override
    public Optional<Region> region(int fd, int index) {
        called.add("ioctl");
        return index == 8 ? Optional.empty() : Optional.of(new Region(7, 0x100000, (long) index << 40));
    }

    @Override
    public Optional<Irq> irq(int fd, int index) {
        called.add("ioctl");
        return index == 3 ? Optional.empty() : Optional.of(new Irq(9, 1));
    }

    @Override
    public Optional<FileIdentity> boundTo(int device) {
        called.add("boundTo");
        return iommufd;
    }

    @Override
    public boolean has(FileIdentity identity) {
        return iommufd.filter(identity::equals).isPresent();
    }
}
