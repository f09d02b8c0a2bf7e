// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.luo.linux.Platform.pick;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.luo.LuoException;

/**
 * Opening, reading and writing by fd.
 *
 * <p>Buffers are native segments; one on the heap is an IllegalArgumentException. What moves bytes goes on until all
 * have moved, over 2 GiB and over interruptions, except where it says so.
 */
public final class FileIo {
    /** Open for reading only. */
    public static final int O_RDONLY = 0;

    /** Open for writing only. */
    public static final int O_WRONLY = 1;

    /** Open for reading and writing. */
    public static final int O_RDWR = 2;

    /** The access mode within the flags. */
    public static final int O_ACCMODE = 3;

    /** Create the file if there is none. */
    public static final int O_CREAT = 0100;

    /** Fail with EEXIST if there is one. */
    public static final int O_EXCL = 0200;

    /** Cut to size 0. */
    public static final int O_TRUNC = 01000;

    /** Every write goes to the end. */
    public static final int O_APPEND = 02000;

    /** EAGAIN instead of waiting. */
    public static final int O_NONBLOCK = 04000;

    /** Only a reference to the file: it can't be read, written or preserved. */
    public static final int O_PATH = 010000000;

    /** The path must be a directory. */
    public static final int O_DIRECTORY = pick(0200000, 040000);

    /** The path must not be a symbolic link. */
    public static final int O_NOFOLLOW = pick(0400000, 0100000);

    /** A file without a name in the directory given. */
    public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    /** Seek from the start. */
    public static final int SEEK_SET = 0;

    /** Seek from the position. */
    public static final int SEEK_CUR = 1;

    /** Seek from the end. */
    public static final int SEEK_END = 2;

    /** Allocate without changing the size. */
    public static final int FALLOC_FL_KEEP_SIZE = 1;

    /** Free a range; only together with {@link #FALLOC_FL_KEEP_SIZE}. */
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    private static final int AT_FDCWD = -100;
    private static final int O_CLOEXEC = 02000000;

    private FileIo() {}

    /**
     * Opens a file with a close-on-exec fd.
     *
     * <p>Undo: {@link Fds#close}.
     *
     * @param flags O_ constants
     * @param mode permissions of a file that is created, less the umask
     * @throws LuoException ENOENT · EACCES · EEXIST · EMFILE · whatever else open(2) says
     */
    public static int open(Path path, int flags, int mode) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            long result = Kernel.call(Kernel.memory(), Nr.OPENAT, AT_FDCWD, name, flags | O_CLOEXEC, mode);
            if (result < 0) {
                throw Failure.of(result, "open " + path);
            }
            return (int) result;
        }
    }

    /**
     * Takes a name of a file away.
     *
     * @throws LuoException ENOENT · EACCES · EISDIR
     */
    public static void unlink(Path path) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            long result = Kernel.call(
                    Nr.UNLINKAT, AT_FDCWD, arena.allocateFrom(path.toString()).address(), 0);
            if (result < 0) {
                throw Failure.of(result, "unlink " + path);
            }
        }
    }

    /**
     * Sets the size; what is new reads as zeros.
     *
     * @throws LuoException EBADF · EPERM if a seal forbids it · EINVAL if it is negative or can't be
     */
    public static void truncate(int fd, long length) throws LuoException {
        Failure.check(Kernel.call(Nr.FTRUNCATE, fd, length, 0), "truncate fd", fd);
    }

    /**
     * Sets the permissions.
     *
     * @param mode permission bits
     * @throws LuoException EBADF · EPERM if the file is another user's, or a seal forbids it
     */
    public static void chmod(int fd, int mode) throws LuoException {
        Failure.check(Kernel.call(Nr.FCHMOD, fd, mode, 0), "change mode of fd", fd);
    }

    /** Writes everything that is still in memory to the disks, and waits for it. */
    public static void sync() {
        Kernel.call(Nr.SYNC, 0, 0, 0);
    }

    /**
     * Allocates or frees a range.
     *
     * @param mode FALLOC_ constants
     * @throws LuoException EBADF · EPERM if a seal forbids it · ENOSPC · EOPNOTSUPP
     */
    public static void allocate(int fd, int mode, long offset, long length) throws LuoException {
        Failure.check(Kernel.call(Kernel.memory(), Nr.FALLOCATE, fd, mode, offset, length), "allocate fd", fd);
    }

    /**
     * Moves the position, for everybody who shares the open file.
     *
     * @param whence SEEK_ constant
     * @return the new position from the start
     * @throws LuoException EBADF · ESPIPE · EINVAL if it would be negative
     */
    public static long seek(int fd, long offset, int whence) throws LuoException {
        return Failure.check(Kernel.call(Nr.LSEEK, fd, offset, whence), "seek fd", fd);
    }

    /**
     * The position.
     *
     * @throws LuoException EBADF · ESPIPE
     */
    public static long position(int fd) throws LuoException {
        return Failure.check(Kernel.call(Nr.LSEEK, fd, 0, SEEK_CUR), "position of fd", fd);
    }

    /**
     * Reads once, at the position: what is there, at least one byte.
     *
     * @return the number of bytes; 0 at the end
     * @throws LuoException EBADF · EAGAIN · EISDIR
     */
    public static long read(int fd, MemorySegment buffer) throws LuoException {
        return Failure.check(transfer(Nr.READ, fd, buffer, 0, 0), "read fd", fd);
    }

    /**
     * Writes everything at the position.
     *
     * @throws LuoException EBADF · EPERM if a seal forbids it · ENOSPC · EAGAIN; part may be written
     */
    public static void write(int fd, MemorySegment data) throws LuoException {
        for (long done = 0; done < data.byteSize(); ) {
            done += Failure.check(transfer(Nr.WRITE, fd, data, done, 0), "write fd", fd);
        }
    }

    /**
     * Reads from an offset until the buffer is full or the file ends. The position stays.
     *
     * @return the number of bytes
     * @throws LuoException EBADF · ESPIPE · EINVAL if the offset is negative
     */
    public static long pread(int fd, MemorySegment buffer, long offset) throws LuoException {
        long done = 0;
        while (done < buffer.byteSize()) {
            long read = Failure.check(transfer(Nr.PREAD64, fd, buffer, done, offset + done), "pread fd", fd);
            if (read == 0) {
                break;
            }
            done += read;
        }
        return done;
    }

    /**
     * Writes everything at an offset. The position stays.
     *
     * @throws LuoException EBADF · ESPIPE · EPERM if a seal forbids it · ENOSPC; part may be written
     */
    public static void pwrite(int fd, MemorySegment data, long offset) throws LuoException {
        for (long done = 0; done < data.byteSize(); ) {
            done += Failure.check(transfer(Nr.PWRITE64, fd, data, done, offset + done), "pwrite fd", fd);
        }
    }

    private static long transfer(int number, int fd, MemorySegment memory, long done, long offset) {
        long address = memory.address() + done;
        return Kernel.call(Kernel.memory(), memory, number, fd, address, memory.byteSize() - done, offset, 0, 0);
    }
}
