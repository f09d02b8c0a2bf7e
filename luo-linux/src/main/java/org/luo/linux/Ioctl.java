// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.MemorySegment;

/**
 * ioctl(2) for the interfaces known here. The argument is in the calling thread's block, from {@link Kernel#SCRATCH} on;
 * most structures begin with their own size.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/ioctl.2.html">ioctl(2)</a>
 */
final class Ioctl {
    /** VFIO and iommufd share a type; the numbers differ. */
    private static final int VFIO_TYPE = ';' << 8;

    private Ioctl() {}

    /** The calling thread's block, its first bytes from {@link Kernel#SCRATCH} on cleared. */
    static MemorySegment cleared(int bytes) {
        MemorySegment memory = Kernel.memory();
        memory.asSlice(Kernel.SCRATCH, bytes).fill((byte) 0);
        return memory;
    }

    /** A call of VFIO or iommufd; the kernel gives their numbers no direction and no size. Negative errno on failure. */
    static long vfio(int fd, int number, MemorySegment memory) {
        return Kernel.call(memory, Nr.IOCTL, fd, VFIO_TYPE | number, memory.address() + Kernel.SCRATCH, 0);
    }
}
