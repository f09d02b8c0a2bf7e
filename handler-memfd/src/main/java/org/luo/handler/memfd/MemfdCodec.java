// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Stat;

/**
 * The layout {@code memfd-p1}, little-endian, 72 bytes. Up to offset 48 it is the kernel's, whose fields for pages are
 * zero here because the pages stay where they are.
 *
 * <p>Position and seals are those of the moment of {@code preserve}, size and mode those of the freeze.
 *
 * <pre>
 *  0 u64 position    16 u32 seals          32 u64[2] pages, 0    56 u64 inode
 *  8 u64 size        20 u32 flags, 0       48 u64 device         64 u32 mode
 *                    24 u64 pages, 0                             68 u32 access mode
 * </pre>
 *
 * @see <a href="https://docs.kernel.org/mm/memfd_preservation.html">struct memfd_luo_ser</a>
 */
final class MemfdCodec {
    static final int BYTES = 72;

    /** What {@code F_SEAL_} constants there are. */
    static final int KNOWN_SEALS = 0x3f;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int POSITION = 0;
    private static final int SIZE = 8;
    private static final int SEALS = 16;
    private static final int FLAGS = 20;
    private static final int PAGES = 24;
    private static final int DEVICE = 48;
    private static final int INODE = 56;
    private static final int MODE = 64;
    private static final int ACCESS = 68;

    private MemfdCodec() {}

    static byte[] encode(MemfdState state) {
        byte[] bytes = new byte[BYTES];
        LONG.set(bytes, POSITION, state.position());
        LONG.set(bytes, SIZE, state.size());
        INT.set(bytes, SEALS, state.seals());
        LONG.set(bytes, DEVICE, state.device());
        LONG.set(bytes, INODE, state.inode());
        INT.set(bytes, MODE, state.mode());
        INT.set(bytes, ACCESS, state.access());
        return bytes;
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG with the offset and what is wrong there
     */
    static MemfdState decode(byte[] bytes) throws LuoException {
        if (bytes.length != BYTES) {
            throw malformed(0, bytes.length + " bytes, expected " + BYTES);
        }
        MemfdState state = read(bytes);
        requireKernelPart(state, bytes);
        if ((state.mode() & Stat.S_IFMT) != Stat.S_IFREG) {
            throw malformed(MODE, "mode " + Integer.toOctalString(state.mode()) + " is no regular file's");
        }
        if (state.access() < 0 || state.access() > FileIo.O_RDWR) {
            throw malformed(ACCESS, "access mode " + state.access());
        }
        return state;
    }

    private static void requireKernelPart(MemfdState state, byte[] bytes) throws LuoException {
        if (state.position() < 0) {
            throw malformed(POSITION, "position beyond any file");
        }
        if (state.size() < 0) {
            throw malformed(SIZE, "size beyond any file");
        }
        if ((state.seals() & ~KNOWN_SEALS) != 0) {
            throw malformed(SEALS, "seals 0x" + Integer.toHexString(state.seals()));
        }
        if ((int) INT.get(bytes, FLAGS) != 0) {
            throw malformed(FLAGS, "flags are not 0");
        }
        for (int at = PAGES; at < DEVICE; at += Long.BYTES) {
            if ((long) LONG.get(bytes, at) != 0) {
                throw malformed(at, "pages are not 0");
            }
        }
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

    private static MemfdState read(byte[] bytes) {
        return new MemfdState(
                (long) LONG.get(bytes, POSITION),
                (long) LONG.get(bytes, SIZE),
                (int) INT.get(bytes, SEALS),
                (int) INT.get(bytes, ACCESS),
                (long) LONG.get(bytes, DEVICE),
                (long) LONG.get(bytes, INODE),
                (int) INT.get(bytes, MODE));
    }

    private static LuoException malformed(int offset, String problem) {
        return LuoException.of(Errno.EBADMSG, "memfd state at offset " + offset + ": " + problem);
    }
}
