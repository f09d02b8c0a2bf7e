// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.util.ArrayList;
import java.util.List;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.VfioDevice.Info;
import org.luo.linux.VfioDevice.Irq;
import org.luo.linux.VfioDevice.Region;

/**
 * What is known of a VFIO device; none of it changes while the device is bound.
 *
 * @param number the device number of its file
 * @param access O_RDONLY, O_WRONLY or O_RDWR
 * @param flags VFIO_DEVICE_FLAGS_ bits
 * @param function the PCI function
 * @param regions by index; one that is not shown has size 0
 * @param irqs by index; one that is not shown has count 0
 */
record VfioState(long number, int access, int flags, PciFunction function, List<Region> regions, List<Irq> irqs) {
    /** Most regions or interrupts. PCI has 9 and 5, and a driver may add some. */
    static final int MOST = 1024;

    private static final Region NO_REGION = new Region(0, 0, 0);
    private static final Irq NO_IRQ = new Irq(0, 0);

    VfioState {
        regions = List.copyOf(regions);
        irqs = List.copyOf(irqs);
    }

    /**
     * As the kernel says it now.
     *
     * @throws LuoException EINVAL if the device is not bound · EOPNOTSUPP for too many regions
     */
    static VfioState of(DeviceCalls calls, int fd, long number, int access, PciFunction function) throws LuoException {
        Info info = calls.info(fd);
        if (info.regions() < 0 || info.regions() > MOST || info.irqs() < 0 || info.irqs() > MOST) {
            throw LuoException.of(
                    Errno.EOPNOTSUPP,
                    "VFIO device " + function.address() + ": " + Amount.of(info.regions(), "region") + " and "
                            + Amount.of(info.irqs(), "interrupt"));
        }
        List<Region> regions = new ArrayList<>();
        for (int index = 0; index < info.regions(); index++) {
            regions.add(calls.region(fd, index).orElse(NO_REGION));
        }
        List<Irq> irqs = new ArrayList<>();
        for (int index = 0; index < info.irqs(); index++) {
            irqs.add(calls.irq(fd, index).orElse(NO_IRQ));
        }
        return new VfioState(number, access, info.flags(), function, regions, irqs);
    }

    /** Whether the kernel describes the device as it did, as far as one call tells. */
    boolean fits(Info info) {
        return info.flags() == flags && info.regions() == regions.size() && info.irqs() == irqs.size();
    }

    /**
     * Checks that the device is as it was.
     *
     * @throws LuoException EBADMSG naming what differs
     */
    void verify(VfioState found) throws LuoException {
        if (!function.address().equals(found.function.address())) {
            throw differs("is " + found.function.address());
        } else if (!function.equals(found.function)) {
            throw differs(String.format(
                    "is %s in group %d, expected %s in group %d",
                    found.function.ids(), found.function.group(), function.ids(), function.group()));
        } else if (access != found.access) {
            throw differs("access mode " + found.access + ", expected " + access);
        } else if (flags != found.flags) {
            throw differs(String.format("flags 0x%x, expected 0x%x", found.flags, flags));
        } else if (!regions.equals(found.regions)) {
            throw differs("regions " + found.regions + ", expected " + regions);
        } else if (!irqs.equals(found.irqs)) {
            throw differs("interrupts " + found.irqs + ", expected " + irqs);
        }
    }

    private LuoException differs(String how) {
        return LuoException.of(Errno.EBADMSG, "VFIO device " + function.address() + ": " + how);
    }
}
