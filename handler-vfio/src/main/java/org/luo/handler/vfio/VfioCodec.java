// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.VfioDevice;
import org.luo.linux.VfioDevice.Irq;
import org.luo.linux.VfioDevice.Region;

/**
 * The layout {@code vfio-pci-p1}, little-endian: 48 bytes, 24 for each region, 8 for each interrupt.
 *
 * <pre>
 *  0 u64 device number    16 u32 PCI domain         28 u16 subsystem vendor
 *  8 u32 access mode      20 u32 bus, device,       30 u16 subsystem device
 * 12 u32 flags                   function, packed   32 u32 IOMMU group
 *                         24 u16 vendor             36 u32 regions, then of each
 *                         26 u16 device                    u32 flags, u32 0, u64 size, u64 offset
 * 44 u32 0                                          40 u32 interrupts, then of each u32 flags, u32 count
 * </pre>
 */
final class VfioCodec {
    private static final int HEADER = 48;
    private static final int REGION = 24;
    private static final int IRQ = 8;

    private VfioCodec() {}

    static byte[] encode(VfioState state) {
        PciFunction function = state.function();
        int size = HEADER + REGION * state.regions().size() + IRQ * state.irqs().size();
        ByteBuffer buffer = ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(state.number())
                .putInt(state.access())
                .putInt(state.flags())
                .putInt(function.address().domain())
                .putInt(function.address().packed())
                .putShort((short) function.vendor())
                .putShort((short) function.device())
                .putShort((short) function.subsystemVendor())
                .putShort((short) function.subsystemDevice())
                .putInt(function.group())
                .putInt(state.regions().size())
                .putInt(state.irqs().size())
                .putInt(0);
        for (Region region : state.regions()) {
            buffer.putInt(region.flags()).putInt(0).putLong(region.size()).putLong(region.offset());
        }
        for (Irq irq : state.irqs()) {
            buffer.putInt(irq.flags()).putInt(irq.count());
        }
        return buffer.array();
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG with the offset and what is wrong there
     */
    static VfioState decode(byte[] bytes) throws LuoException {
        check(bytes.length >= HEADER, 0, bytes.length + " bytes, expected at least " + HEADER);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long number = buffer.getLong();
        int access = buffer.getInt();
        int flags = buffer.getInt();
        check(number >>> 32 == 0, 0, "no device number");
        check(access >= 0 && access <= FileIo.O_RDWR, 8, "access mode " + access);
        check((flags & VfioDevice.FLAG_PCI) != 0, 12, "flags without that of PCI");
        PciFunction function = function(buffer);
        int regions = count(buffer);
        int irqs = count(buffer);
        check(buffer.getInt() == 0, 44, "not 0");
        check(
                bytes.length == HEADER + REGION * regions + IRQ * irqs,
                36,
                bytes.length + " bytes for " + Amount.of(regions, "region") + " and " + Amount.of(irqs, "interrupt"));
        return new VfioState(number, access, flags, function, regions(buffer, regions), irqs(buffer, irqs));
    }

    private static PciFunction function(ByteBuffer buffer) throws LuoException {
        int domain = buffer.getInt();
        int packed = buffer.getInt();
        check(packed >>> 16 == 0, 20, "no bus, device and function");
        return new PciFunction(
                PciAddress.of(domain, packed),
                Short.toUnsignedInt(buffer.getShort()),
                Short.toUnsignedInt(buffer.getShort()),
                Short.toUnsignedInt(buffer.getShort()),
                Short.toUnsignedInt(buffer.getShort()),
                group(buffer));
    }

    private static int group(ByteBuffer buffer) throws LuoException {
        int group = buffer.getInt();
        check(group >= 0, 32, "group " + group);
        return group;
    }

    private static int count(ByteBuffer buffer) throws LuoException {
        int at = buffer.position();
        int count = buffer.getInt();
        check(count >= 0 && count <= VfioState.MOST, at, "count " + count);
        return count;
    }

    private static List<Region> regions(ByteBuffer buffer, int count) throws LuoException {
        List<Region> regions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int flags = buffer.getInt();
            check(buffer.getInt() == 0, buffer.position() - 4, "not 0");
            regions.add(new Region(flags, buffer.getLong(), buffer.getLong()));
        }
        return regions;
    }

    private static List<Irq> irqs(ByteBuffer buffer, int count) {
        List<Irq> irqs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            irqs.add(new Irq(buffer.getInt(), buffer.getInt()));
        }
        return irqs;
    }

    private static void check(boolean right, int offset, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, "VFIO state at offset " + offset + ": " + problem);
        }
    }
}
