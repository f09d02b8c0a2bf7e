// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Iommufd.Hardware;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.Sysfs;

/**
 * A kernel with iommufds for tests: each is a memfd whose only page says how many address spaces it has. So fds are real,
 * can be duplicated and passed, and a duplicate shows the same objects.
 */
final class IommufdsInMemory implements IommufdCalls {
    static final long NUMBER = 10 << 8 | 2;

    private static final String NAME = "/memfd:iommu";

    /** Devices by the iommufd they are bound to, a memfd's inode. */
    final Map<Integer, Long> bound = new HashMap<>();

    int asked;

    /** A sysfs that knows the device. */
    static Sysfs sysfs(Path root) throws IOException {
        Files.createDirectories(root.resolve(IommuHandler.IOMMU));
        Files.createDirectories(root.resolve("dev/char"));
        Files.createSymbolicLink(root.resolve("dev/char/10:2"), Path.of("../../devices/virtual/misc/iommu"));
        return new Sysfs(root);
    }

    static int open(int spaces) throws LuoException {
        int fd = Memfd.create("iommu", 0);
        FileIo.truncate(fd, Integer.BYTES);
        spaces(fd, spaces);
        return fd;
    }

    static void spaces(int fd, int spaces) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            FileIo.pwrite(fd, arena.allocateFrom(JAVA_INT, spaces), 0);
        }
    }

    static int spaces(int fd) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(JAVA_INT);
            FileIo.pread(fd, buffer, 0);
            return buffer.get(JAVA_INT, 0);
        }
    }

    private static boolean isIommufd(int fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd))
                    .toString()
                    .startsWith(NAME);
        } catch (IOException e) {
            return false;
        }
    }

    private void require(int fd) throws LuoException {
        asked++;
        if (!isIommufd(fd)) {
            Stat.of(fd);
            throw LuoException.of(Errno.ENOTTY, "fd " + fd + " is no iommufd");
        }
    }

    @Override
    public Stat stat(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return isIommufd(fd) ? new Stat(7, 532, Stat.S_IFCHR | 0660, 1, 0, 0, NUMBER) : stat;
    }

    @Override
    public int flags(int fd) throws LuoException {
        return Fds.statusFlags(fd);
    }

    /** Odd numbers are devices, even ones address spaces. */
    @Override
    public OptionalInt ranges(int fd, int ioas) throws LuoException {
        require(fd);
        return ioas % 2 == 0 && ioas > 0 && ioas <= 2 * spaces(fd) ? OptionalInt.of(2) : OptionalInt.empty();
    }

    @Override
    public Optional<Hardware> hardware(int fd, int device) throws LuoException {
        require(fd);
        return device == 1 ? Optional.of(new Hardware(1, 8)) : Optional.empty();
    }

    @Override
    public boolean isSame(int fd, int other) throws LuoException {
        require(fd);
        require(other);
        return Stat.of(fd).inode() == Stat.of(other).inode();
    }

    @Override
    public boolean isBoundTo(int device, int fd) throws LuoException {
        require(fd);
        return Long.valueOf(Stat.of(fd).inode()).equals(bound.get(device));
    }
}
