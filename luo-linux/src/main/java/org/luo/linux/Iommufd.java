// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.luo.linux.Kernel.SCRATCH;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalInt;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * An open {@code /dev/iommu}: a context with objects that have numbers, of which the kernel gives out the lowest that is
 * free. Address spaces (IOAS) and bound devices can be asked for; nothing lists them.
 *
 * @see <a href="https://docs.kernel.org/userspace-api/iommufd.html">IOMMUFD</a>
 */
public final class Iommufd {
    private static final int DESTROY = 0x80;
    private static final int IOAS_ALLOC = 0x81;
    private static final int IOAS_IOVA_RANGES = 0x84;
    private static final int GET_HW_INFO = 0x8a;

    private Iommufd() {}

    /**
     * What the kernel says of the IOMMU behind a device.
     *
     * @param type IOMMU_HW_INFO_TYPE_ number, 0 if it says nothing
     * @param capabilities IOMMU_HW_CAP_ bits
     */
    public record Hardware(int type, long capabilities) {}

    /**
     * A new address space, with nothing mapped.
     *
     * <p>Undo: {@link #destroy}.
     *
     * @return its number
     * @throws LuoException EBADF · ENOTTY or EINVAL if it is no iommufd · ENOMEM
     */
    public static int allocateIoas(int fd) throws LuoException {
        MemorySegment memory = Ioctl.cleared(12);
        memory.set(JAVA_INT, SCRATCH, 12);
        Failure.check(Ioctl.vfio(fd, IOAS_ALLOC, memory), "allocate an address space of iommufd, fd", fd);
        return memory.get(JAVA_INT, SCRATCH + 8);
    }

    /**
     * Destroys an object.
     *
     * @throws LuoException ENOENT · EBUSY if another object uses it · EBADF
     */
    public static void destroy(int fd, int object) throws LuoException {
        MemorySegment memory = Ioctl.cleared(8);
        memory.set(JAVA_INT, SCRATCH, 8);
        memory.set(JAVA_INT, SCRATCH + 4, object);
        Failure.check(Ioctl.vfio(fd, DESTROY, memory), "destroy object " + object + " of iommufd, fd", fd);
    }

    /**
     * In how many ranges of addresses an address space can map; empty if there is no address space of this number.
     *
     * @throws LuoException EBADF · ENOTTY or EINVAL if it is no iommufd
     */
    public static OptionalInt ranges(int fd, int ioas) throws LuoException {
        MemorySegment memory = Ioctl.cleared(32);
        memory.set(JAVA_INT, SCRATCH, 32);
        memory.set(JAVA_INT, SCRATCH + 4, ioas);
        long result = Ioctl.vfio(fd, IOAS_IOVA_RANGES, memory);
        if (result == -Errno.ENOENT.number()) {
            return OptionalInt.empty();
        }
        if (result != -Errno.EMSGSIZE.number()) {
            Failure.check(result, "ask for address space " + ioas + " of iommufd, fd", fd);
        }
        return OptionalInt.of(memory.get(JAVA_INT, SCRATCH + 8));
    }

    /**
     * The IOMMU behind a bound device; empty if there is no device of this number.
     *
     * @throws LuoException EBADF · ENOTTY or EINVAL if it is no iommufd, or the kernel is older than 6.6
     */
    public static Optional<Hardware> hardware(int fd, int device) throws LuoException {
        MemorySegment memory = Ioctl.cleared(40);
        memory.set(JAVA_INT, SCRATCH, 40);
        memory.set(JAVA_INT, SCRATCH + 8, device);
        long result = Ioctl.vfio(fd, GET_HW_INFO, memory);
        if (result == -Errno.ENOENT.number()) {
            return Optional.empty();
        }
        Failure.check(result, "ask for device " + device + " of iommufd, fd", fd);
        return Optional.of(new Hardware(memory.get(JAVA_INT, SCRATCH + 24), memory.get(JAVA_LONG, SCRATCH + 32)));
    }

    /**
     * Whether two fds show the same context; opening {@code /dev/iommu} twice makes two. The kernel does not say, so an
     * address space is made through one fd and looked for through the other, while it is there and when it is gone
     * again. Twice, lest somebody else makes and destroys one at that very moment.
     *
     * @throws LuoException EBADF · ENOTTY or EINVAL if one is no iommufd · ENOMEM
     */
    public static boolean isSame(int fd, int other) throws LuoException {
        return fd == other
                || shows(fd, ioas -> ranges(other, ioas).isPresent())
                        && shows(fd, ioas -> ranges(other, ioas).isPresent());
    }

    /** Whether something sees an object of an iommufd, by its number. */
    interface Sight {
        boolean sees(int object) throws LuoException;
    }

    /** Whether something sees an address space of this iommufd while there is one, and no more when it is gone. */
    static boolean shows(int fd, Sight sight) throws LuoException {
        int ioas = allocateIoas(fd);
        boolean seen;
        try {
            seen = sight.sees(ioas);
        } finally {
            destroy(fd, ioas);
        }
        return seen && !sight.sees(ioas);
    }
}
