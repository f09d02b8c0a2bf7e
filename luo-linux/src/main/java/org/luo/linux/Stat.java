// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.luo.linux.Kernel.SCRATCH;
import static org.luo.linux.Platform.pick;

import java.lang.foreign.MemorySegment;
import org.luo.LuoException;

/**
 * What fstat tells about an open file.
 *
 * @param device the device number of its file system
 * @param inode its number there
 * @param mode kind and permissions
 * @param links how many names it has
 * @param size in bytes
 * @param blocks memory or disk it takes, in units of 512 bytes
 * @param rdev the device number of a device node
 * @see <a href="https://man7.org/linux/man-pages/man3/stat.3type.html">stat(3type)</a>
 */
public record Stat(long device, long inode, int mode, long links, long size, long blocks, long rdev) {
    /** The kind of file within a mode. */
    public static final int S_IFMT = 0170000;

    /** The kind: regular file; a memfd is one. */
    public static final int S_IFREG = 0100000;

    /** The kind: character device. */
    public static final int S_IFCHR = 0020000;

    /** The kind: socket. */
    public static final int S_IFSOCK = 0140000;

    /** File system type: tmpfs, which memfds and shared memory belong to as well. */
    public static final long TMPFS_MAGIC = 0x0102_1994L;

    /** File system type: hugetlbfs, which memfds of huge pages belong to as well. */
    public static final long HUGETLBFS_MAGIC = 0x9584_58f6L;

    private static final int BLOCK = 512;
    private static final int ST_BSIZE = SCRATCH + 8;
    private static final int ST_DEV = SCRATCH;
    private static final int ST_INO = SCRATCH + 8;
    private static final int ST_MODE = SCRATCH + pick(24, 16);
    private static final int ST_NLINK = SCRATCH + pick(16, 20);
    private static final int ST_RDEV = SCRATCH + pick(40, 32);
    private static final int ST_SIZE = SCRATCH + 48;
    private static final int ST_BLOCKS = SCRATCH + 64;
    private static final boolean LONG_NLINK = Platform.current() == Platform.X86_64;

    /**
     * The state of an open file.
     *
     * @throws LuoException EBADF
     */
    public static Stat of(int fd) throws LuoException {
        MemorySegment memory = Kernel.memory();
        Failure.check(Kernel.repeatable(memory, Nr.FSTAT, fd, memory.address() + SCRATCH, 0), "fstat fd", fd);
        return new Stat(
                memory.get(JAVA_LONG, ST_DEV),
                memory.get(JAVA_LONG, ST_INO),
                memory.get(JAVA_INT, ST_MODE),
                LONG_NLINK ? memory.get(JAVA_LONG, ST_NLINK) : memory.get(JAVA_INT, ST_NLINK),
                memory.get(JAVA_LONG, ST_SIZE),
                memory.get(JAVA_LONG, ST_BLOCKS),
                memory.get(JAVA_LONG, ST_RDEV));
    }

    /**
     * How much of an open file is holes: bytes that have neither memory nor disk yet. What it has beyond its end is no
     * matter.
     *
     * @throws LuoException EBADF
     */
    public static long holes(int fd) throws LuoException {
        MemorySegment memory = Kernel.memory();
        Failure.check(Kernel.repeatable(memory, Nr.FSTAT, fd, memory.address() + SCRATCH, 0), "fstat fd", fd);
        return Math.max(0, memory.get(JAVA_LONG, ST_SIZE) - memory.get(JAVA_LONG, ST_BLOCKS) * BLOCK);
    }

    /**
     * The type of the file system an open file belongs to, such as {@link #TMPFS_MAGIC}.
     *
     * @throws LuoException EBADF
     * @see <a href="https://man7.org/linux/man-pages/man2/statfs.2.html">statfs(2)</a>
     */
    public static long fileSystem(int fd) throws LuoException {
        MemorySegment memory = Kernel.memory();
        Failure.check(Kernel.call(memory, Nr.FSTATFS, fd, memory.address() + SCRATCH, 0, 0), "fstatfs fd", fd);
        return memory.get(JAVA_LONG, SCRATCH);
    }

    /**
     * The block size of the file system an open file belongs to, in bytes: of hugetlb memory the size of its pages.
     *
     * @throws LuoException EBADF
     */
    public static long blockSize(int fd) throws LuoException {
        fileSystem(fd);
        return Kernel.memory().get(JAVA_LONG, ST_BSIZE);
    }

    /** Whether it is a regular file. */
    public boolean isRegular() {
        return (mode & S_IFMT) == S_IFREG;
    }

    /** Whether it is a character device; {@link #rdev} says which. */
    public boolean isCharacterDevice() {
        return (mode & S_IFMT) == S_IFCHR;
    }

    /** The device number of a device node as people write it: {@code 10:261}. */
    public String deviceNumber() {
        long major = rdev >> 8 & 0xfff | rdev >> 32 & ~0xfffL;
        long minor = rdev & 0xff | rdev >> 12 & 0xffff_ff00L;
        return major + ":" + minor;
    }

    /** Whether it is a socket. */
    public boolean isSocket() {
        return (mode & S_IFMT) == S_IFSOCK;
    }
}
