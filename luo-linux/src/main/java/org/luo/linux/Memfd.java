// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.Arena;
import org.luo.LuoException;

/**
 * Files that live in memory and have no name.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/memfd_create.2.html">memfd_create(2)</a>
 */
public final class Memfd {
    /** Seals may be added; without it the file has {@link #F_SEAL_SEAL} from the start. */
    public static final int MFD_ALLOW_SEALING = 0x2;

    /** Of huge pages. */
    public static final int MFD_HUGETLB = 0x4;

    /** Mode 0666, sealed with {@link #F_SEAL_EXEC}; implies {@link #MFD_ALLOW_SEALING}. */
    public static final int MFD_NOEXEC_SEAL = 0x8;

    /** Mode 0777, which is what a file gets by default. */
    public static final int MFD_EXEC = 0x10;

    /** No further seals. */
    public static final int F_SEAL_SEAL = 0x1;

    /** Can't shrink. */
    public static final int F_SEAL_SHRINK = 0x2;

    /** Can't grow. */
    public static final int F_SEAL_GROW = 0x4;

    /** Can't be written. */
    public static final int F_SEAL_WRITE = 0x8;

    /** Can't be written but through mappings that exist. */
    public static final int F_SEAL_FUTURE_WRITE = 0x10;

    /** Its execute permissions can't change. */
    public static final int F_SEAL_EXEC = 0x20;

    private static final int MFD_CLOEXEC = 0x1;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;

    private Memfd() {}

    /**
     * Creates an empty file, readable and writable, with a close-on-exec fd.
     *
     * <p>Undo: {@link Fds#close}.
     *
     * @param name for people to see in /proc; at most 249 bytes; need not be unique
     * @param flags MFD_ constants
     * @throws LuoException EINVAL if a flag is unknown or the name too long · EMFILE · ENOMEM
     */
    public static int create(String name, int flags) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            long result = Kernel.call(Nr.MEMFD_CREATE, arena.allocateFrom(name).address(), flags | MFD_CLOEXEC, 0);
            if (result < 0) {
                throw Failure.of(result, "memfd_create '" + name + "' with flags 0x" + Integer.toHexString(flags));
            }
            return (int) result;
        }
    }

    /**
     * The seals of a file.
     *
     * @throws LuoException EBADF · EINVAL if this kind of file has none
     */
    public static int seals(int fd) throws LuoException {
        return (int) Failure.check(Fds.fcntl(fd, F_GET_SEALS, 0), "seals of fd", fd);
    }

    /**
     * Adds seals; none can be taken away.
     *
     * @throws LuoException EPERM if the file has {@link #F_SEAL_SEAL} or the fd is not writable · EBUSY if
     *     {@link #F_SEAL_WRITE} is wanted and a writable mapping exists · EINVAL if this kind of file has none
     */
    public static void addSeals(int fd, int seals) throws LuoException {
        Failure.check(Fds.fcntl(fd, F_ADD_SEALS, seals), "add seals to fd", fd);
    }
}
