// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handler.iommu.internal.IommufdState.IommuObject;
import org.luo.handler.iommu.internal.IommufdState.Kind;
import org.luo.linux.FileIo;

/**
 * The layout {@code iommufd-p1}, little-endian: 16 bytes, and 24 for each object.
 *
 * <pre>
 *  0 u64 device number       16 u32 number            28 u32 0
 *  8 u32 access mode         20 u32 kind, 1 IOAS,     32 u64 capabilities
 * 12 u32 number of objects          2 device
 *                            24 u32 detail
 * </pre>
 */
final class IommufdCodec {
    private static final int HEADER = 16;
    private static final int OBJECT = 24;

    private IommufdCodec() {}

    static byte[] encode(IommufdState state) {
        ByteBuffer buffer = ByteBuffer.allocate(
                        HEADER + OBJECT * state.objects().size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(state.device())
                .putInt(state.access())
                .putInt(state.objects().size());
        for (IommuObject object : state.objects()) {
            buffer.putInt(object.number())
                    .putInt(object.kind().ordinal() + 1)
                    .putInt(object.detail())
                    .putInt(0)
                    .putLong(object.capabilities());
        }
        return buffer.array();
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG with the offset and what is wrong there
     */
    static IommufdState decode(byte[] bytes) throws LuoException {
        check(bytes.length >= HEADER, 0, bytes.length + " bytes, expected at least " + HEADER);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long device = buffer.getLong();
        int access = buffer.getInt();
        int count = buffer.getInt();
        check(device >>> 32 == 0, 0, "no device number");
        check(access >= 0 && access <= FileIo.O_RDWR, 8, "access mode " + access);
        check(count >= 0 && count <= IommufdState.MOST_OBJECTS, 12, count + " objects");
        check(bytes.length == HEADER + count * OBJECT, 12, bytes.length + " bytes for " + Amount.of(count, "object"));
        List<IommuObject> objects = new ArrayList<>(count);
        for (int last = 0; objects.size() < count; last = objects.getLast().number()) {
            objects.add(object(buffer, last));
        }
        return new IommufdState(device, access, objects);
    }

    private static IommuObject object(ByteBuffer buffer, int last) throws LuoException {
        int at = buffer.position();
        int number = buffer.getInt();
        int kind = buffer.getInt();
        int detail = buffer.getInt();
        int unused = buffer.getInt();
        long capabilities = buffer.getLong();
        check(number > last && number <= IommufdState.MOST_OBJECTS, at, "object " + number + " after " + last);
        check(kind == 1 || kind == 2, at + 4, "kind " + kind);
        check(unused == 0, at + 12, "not 0");
        check(kind == 2 || capabilities == 0, at + 16, "capabilities of an address space");
        return new IommuObject(Kind.values()[kind - 1], number, detail, capabilities);
    }

    private static void check(boolean right, int offset, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, "iommufd state at offset " + offset + ": " + problem);
        }
    }
}
