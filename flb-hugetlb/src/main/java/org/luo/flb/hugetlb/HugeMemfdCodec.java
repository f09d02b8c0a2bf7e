// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Stat;

/**
 * The layout {@code huge-memfd-p1}, little-endian, 80 bytes. Up to offset 41 it is that of the kernel's proposed {@code
 * huge-memfd-v1}, whose fields for pages are zero here because the pages stay where they are.
 *
 * <p>Position and seals are those of the moment of {@code preserve}, size and mode those of the freeze. A page has 4096
 * bytes shifted left by the order.
 *
 * <pre>
 *  0 u64 size        24 u64[2] pages, 0    48 u64 device    68 u32 access mode
 *  8 u64 position    40 u8 order           56 u64 inode     72 u32 seals
 * 16 u64 pages, 0    41 u8[7] 0            64 u32 mode      76 u32 0
 * </pre>
 */
final class HugeMemfdCodec {
    static final int BYTES = 80;

    /** What {@code F_SEAL_} constants there are. */
    static final int KNOWN_SEALS = 0x3f;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int SIZE = 0;
    private static final int POSITION = 8;
    private static final int PAGES = 16;
    private static final int ORDER = 40;
    private static final int DEVICE = 48;
    private static final int INODE = 56;
    private static final int MODE = 64;
    private static final int ACCESS = 68;
    private static final int SEALS = 72;
    private static final int END = 76;
    private static final int SMALL_PAGE = 12;
    private static final int MAX_ORDER = 40;

    private HugeMemfdCodec() {}

    static byte[] encode(HugeMemfdState state) {
        byte[] bytes = new byte[BYTES];
        LONG.set(bytes, SIZE, state.size());
        LONG.set(bytes, POSITION, state.position());
        bytes[ORDER] = (byte) (Long.numberOfTrailingZeros(state.pageSize()) - SMALL_PAGE);
        LONG.set(bytes, DEVICE, state.device());
        LONG.set(bytes, INODE, state.inode());
        INT.set(bytes, MODE, state.mode());
        INT.set(bytes, ACCESS, state.access());
        INT.set(bytes, SEALS, state.seals());
        return bytes;
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG with the offset and what is wrong there
     */
    static HugeMemfdState decode(byte[] bytes) throws LuoException {
        check(bytes.length == BYTES, 0, bytes.length + " bytes, expected " + BYTES);
        check(bytes[ORDER] >= 0 && bytes[ORDER] <= MAX_ORDER, ORDER, "order " + Byte.toUnsignedInt(bytes[ORDER]));
        HugeMemfdState state = read(bytes);
        check(state.size() >= 0, SIZE, "size beyond any file");
        check(state.size() % state.pageSize() == 0, SIZE, "size " + state.size() + " is not one of whole pages");
        check(state.position() >= 0, POSITION, "position beyond any file");
        for (int at = PAGES; at < DEVICE; at++) {
            check(bytes[at] == 0 || at == ORDER, at, "not 0");
        }
        check(
                (state.mode() & Stat.S_IFMT) == Stat.S_IFREG,
                MODE,
                "mode " + Integer.toOctalString(state.mode()) + " is no regular file's");
        check(state.access() >= 0 && state.access() <= FileIo.O_RDWR, ACCESS, "access mode " + state.access());
        check((state.seals() & ~KNOWN_SEALS) == 0, SEALS, "seals 0x" + Integer.toHexString(state.seals()));
        check((int) INT.get(bytes, END) == 0, END, "not 0");
        return state;
    }

    /** Whether bytes written by {@link #encode} say this of all that may change and is checked afterwards. */
    static boolean holds(byte[] bytes, Stat now) {
        return (long) LONG.get(bytes, SIZE) == now.size() && (int) INT.get(bytes, MODE) == now.mode();
    }

    /** The same bytes but for what may have changed. */
    static byte[] with(byte[] bytes, Stat now) {
        byte[] changed = bytes.clone();
        LONG.set(changed, SIZE, now.size());
        INT.set(changed, MODE, now.mode());
        return changed;
    }

    private static HugeMemfdState read(byte[] bytes) {
        return new HugeMemfdState(
                (long) LONG.get(bytes, POSITION),
                (long) LONG.get(bytes, SIZE),
                (int) INT.get(bytes, SEALS),
                (int) INT.get(bytes, ACCESS),
                1L << SMALL_PAGE + bytes[ORDER],
                (long) LONG.get(bytes, DEVICE),
                (long) LONG.get(bytes, INODE),
                (int) INT.get(bytes, MODE));
    }

    private static void check(boolean right, int offset, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, "hugetlb memfd state at offset " + offset + ": " + problem);
        }
    }
}
