// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.luo.linux.Kernel.SCRATCH;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * An open VFIO device, {@code /dev/vfio/devices/vfioN}. What is asked here changes nothing.
 *
 * @see <a href="https://docs.kernel.org/driver-api/vfio.html">VFIO</a>
 */
public final class VfioDevice {
    /** {@link Info#flags}: a PCI device. */
    public static final int FLAG_PCI = 2;

    private static final int GET_INFO = 100 + 7;
    private static final int GET_REGION_INFO = 100 + 8;
    private static final int GET_IRQ_INFO = 100 + 9;
    private static final int ATTACH_IOMMUFD_PT = 100 + 19;
    private static final int ATTACH_PASID = 1;

    /** No device has so many: PASIDs have 20 bits. */
    private static final int IMPOSSIBLE_PASID = Integer.MAX_VALUE;

    private VfioDevice() {}

    /**
     * What the device is.
     *
     * @param flags VFIO_DEVICE_FLAGS_ bits
     * @param regions how many indices of regions there are
     * @param irqs how many indices of interrupts there are
     */
    public record Info(int flags, int regions, int irqs) {}

    /**
     * A part of the device that can be read, written or mapped.
     *
     * @param flags VFIO_REGION_INFO_FLAG_ bits
     * @param size in bytes; 0 if there is none of this index
     * @param offset where it begins in the file, in bytes
     */
    public record Region(int flags, long size, long offset) {}

    /**
     * A kind of interrupt.
     *
     * @param flags VFIO_IRQ_INFO_ bits
     * @param count how many the device has; 0 if there is none of this index
     */
    public record Irq(int flags, int count) {}

    /**
     * What the device is.
     *
     * @throws LuoException EINVAL if it is not bound to an iommufd, or no VFIO device · ENOTTY · EBADF
     */
    public static Info info(int fd) throws LuoException {
        MemorySegment memory = Ioctl.cleared(24);
        memory.set(JAVA_INT, SCRATCH, 24);
        Failure.check(Ioctl.vfio(fd, GET_INFO, memory), "ask VFIO device, fd", fd);
        return new Info(
                memory.get(JAVA_INT, SCRATCH + 4),
                memory.get(JAVA_INT, SCRATCH + 8),
                memory.get(JAVA_INT, SCRATCH + 12));
    }

    /**
     * A region; empty if the kernel does not show this one, as it does not show VGA of most devices.
     *
     * @throws LuoException ENOTTY · EBADF
     */
    public static Optional<Region> region(int fd, int index) throws LuoException {
        MemorySegment memory = Ioctl.cleared(32);
        memory.set(JAVA_INT, SCRATCH, 32);
        memory.set(JAVA_INT, SCRATCH + 8, index);
        long result = Ioctl.vfio(fd, GET_REGION_INFO, memory);
        if (result == -Errno.EINVAL.number()) {
            return Optional.empty();
        }
        Failure.check(result, "ask for region " + index + " of VFIO device, fd", fd);
        return Optional.of(new Region(
                memory.get(JAVA_INT, SCRATCH + 4),
                memory.get(JAVA_LONG, SCRATCH + 16),
                memory.get(JAVA_LONG, SCRATCH + 24)));
    }

    /**
     * A kind of interrupt; empty if the kernel does not show this one.
     *
     * @throws LuoException ENOTTY · EBADF
     */
    public static Optional<Irq> irq(int fd, int index) throws LuoException {
        MemorySegment memory = Ioctl.cleared(16);
        memory.set(JAVA_INT, SCRATCH, 16);
        memory.set(JAVA_INT, SCRATCH + 8, index);
        long result = Ioctl.vfio(fd, GET_IRQ_INFO, memory);
        if (result == -Errno.EINVAL.number()) {
            return Optional.empty();
        }
        Failure.check(result, "ask for interrupt " + index + " of VFIO device, fd", fd);
        return Optional.of(new Irq(memory.get(JAVA_INT, SCRATCH + 4), memory.get(JAVA_INT, SCRATCH + 12)));
    }

    /**
     * Whether the device is bound to this iommufd. The kernel does not say to which one it is. But asked to attach an
     * object for a PASID that no device can have, it looks the object up among those of the device's iommufd first,
     * says ENOENT if there is none, and else refuses the PASID. So an address space is made through the iommufd,
     * looked for through the device, and destroyed. What the device is attached to does not change.
     *
     * @throws LuoException EOPNOTSUPP if the kernel can't be asked that way, Linux before 6.15 · EINVAL if the device
     *     is not bound · EBADF
     */
    public static boolean isBoundTo(int fd, int iommufd) throws LuoException {
        if (sees(fd, Integer.MAX_VALUE)) {
            throw LuoException.of(
                    Errno.EOPNOTSUPP,
                    "find the iommufd of VFIO device, fd " + fd
                            + ": the kernel is older than 6.15, or it is not bound");
        }
        return Iommufd.shows(iommufd, ioas -> sees(fd, ioas)) && Iommufd.shows(iommufd, ioas -> sees(fd, ioas));
    }

    private static boolean sees(int fd, int object) throws LuoException {
        MemorySegment memory = Ioctl.cleared(16);
        memory.set(JAVA_INT, SCRATCH, 16);
        memory.set(JAVA_INT, SCRATCH + 4, ATTACH_PASID);
        memory.set(JAVA_INT, SCRATCH + 8, object);
        memory.set(JAVA_INT, SCRATCH + 12, IMPOSSIBLE_PASID);
        long result = Ioctl.vfio(fd, ATTACH_IOMMUFD_PT, memory);
        if (result == 0) {
            throw new IllegalStateException("the kernel attached VFIO device, fd " + fd + ", for an impossible PASID");
        }
        if (result == -Errno.EBADF.number()) {
            throw Failure.of(result, "ask VFIO device, fd " + fd);
        }
        return result != -Errno.ENOENT.number();
    }
}
