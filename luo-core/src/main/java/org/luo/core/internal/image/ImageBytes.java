// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;

/**
 * The bytes of an image that is not trusted. Whoever reads a structure asks first whether it fits; every fault says at
 * which offset and what is wrong there.
 *
 * <p>They are a copy on the heap: nobody changes them any more, and reading runs the code that the rehearsal compiled,
 * whatever kind of memory they came in.
 */
final class ImageBytes {
    private final ByteBuffer in;
    private byte[] lastName = new byte[0];
    private Compatible lastCompatible;

    ImageBytes(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        in = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    }

    int length() {
        return in.limit();
    }

    int u32(long offset) {
        return in.getInt((int) offset);
    }

    long u64(long offset) {
        return in.getLong((int) offset);
    }

    byte[] bytes(long offset, int count) {
        byte[] copy = new byte[count];
        in.get((int) offset, copy);
        return copy;
    }

    /** The checksum over everything but its own field. */
    int crc() {
        CRC32C crc = new CRC32C();
        crc.update(in.slice(0, Layout.H_CRC));
        crc.update(new byte[4]);
        crc.update(in.slice(Layout.H_LENGTH, length() - Layout.H_LENGTH));
        return (int) crc.getValue();
    }

    /** That a structure lies within the image, behind the header and aligned. */
    void require(long offset, long bytes, String what) throws LuoException {
        boolean inside = offset >= Layout.HEADER && (offset & 7) == 0 && offset <= length() - bytes;
        check(inside, offset, what, "does not fit the image; its bytes:", bytes);
    }

    static void check(boolean holds, long offset, String what) throws LuoException {
        if (!holds) {
            throw fault(offset, what);
        }
    }

    /** As above, with a number that makes the problem clear. */
    static void check(boolean holds, long offset, String what, String problem, long number) throws LuoException {
        if (!holds) {
            throw fault(offset, what + " " + problem + " " + Long.toUnsignedString(number));
        }
    }

    private static LuoException fault(long offset, String what) {
        return LuoException.of(Errno.EBADMSG, "image at offset " + Long.toUnsignedString(offset) + ": " + what);
    }

    SessionName sessionName(long at) throws LuoException {
        byte[] field = bytes(at, Layout.SESSION_NAME);
        int length = textLength(field, at);
        try {
            return SessionName.of(Arrays.copyOf(field, length));
        } catch (LuoException e) {
            throw fault(at, e.getMessage());
        }
    }

    /** The name of an entry. Neighbours mostly have the same one. */
    Compatible name(long at) throws LuoException {
        byte[] field = bytes(at, Layout.ENTRY_NAME);
        if (!Arrays.equals(field, lastName)) {
            lastCompatible = compatible(field, at);
            lastName = field;
        }
        return lastCompatible;
    }

    private static Compatible compatible(byte[] field, long at) throws LuoException {
        StringBuilder name = new StringBuilder();
        for (int i = 0, length = textLength(field, at); i < length; i++) {
            name.append((char) (field[i] & 0xff));
        }
        try {
            return Compatible.of(name.toString());
        } catch (IllegalArgumentException e) {
            throw fault(at, e.getMessage());
        }
    }

    /** How many bytes stand before the NUL; after it there must be only NULs. */
    private static int textLength(byte[] field, long at) throws LuoException {
        int end = 0;
        while (end < field.length && field[end] != 0) {
            end++;
        }
        check(end < field.length, at, "name without its NUL");
        for (int i = end; i < field.length; i++) {
            check(field[i] == 0, at + i, "bytes after a name");
        }
        return end;
    }
}
