// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.SealedMemfd;

/**
 * What lies under token 0 of the kernel session: which token each file of the image has, and the image. Little-endian:
 *
 * <pre>
 *  0 u8[8] "LUOKEXEC"     16 u64 where the image begins    40 u32 CRC32C of all before the image, this being 0
 *  8 u32 version, 1       24 u64 bytes of the image        44 u32 0
 * 12 u32 files            32 u64 written, ns since 1970    48 u8[64] release of the kernel that was left, and NULs
 *                                                         112 u64[files] tokens, then zeros up to the image
 * </pre>
 *
 * <p>The image has a checksum of its own. Two files of it may have the same token: they are the same open file.
 *
 * @param tokens of the image's files, in order
 * @param image its bytes
 * @param written when, in ns since 1970
 * @param release the kernel that wrote it
 */
record Envelope(long[] tokens, ByteBuffer image, long written, String release) {
    /** Where the envelope itself lies; files have other tokens. */
    static final long TOKEN = 0;

    /** Most files; the kernel holds fewer. */
    static final int MAX_FILES = 1 << 20;

    /** Most bytes, far more than any image has. */
    static final long MAX_BYTES = 1 << 30;

    private static final byte[] MAGIC = "LUOKEXEC".getBytes(StandardCharsets.US_ASCII);
    private static final String WHAT = "kexec envelope";
    private static final int VERSION = 1;
    private static final int HEADER = 112;
    private static final int RELEASE = 48;
    private static final int RELEASE_BYTES = 64;
    private static final int CRC = 40;
    private static final int IMAGE_ALIGNMENT = 4096;

    /** How many bytes it takes. */
    static long bytes(int files, long image) {
        return start(files) + image;
    }

    private static int start(int files) {
        return (HEADER + files * Long.BYTES + IMAGE_ALIGNMENT - 1) / IMAGE_ALIGNMENT * IMAGE_ALIGNMENT;
    }

    /** All but the image, up to where that begins. */
    ByteBuffer head() {
        ByteBuffer head = ByteBuffer.allocate(start(tokens.length)).order(ByteOrder.LITTLE_ENDIAN);
        head.put(MAGIC).putInt(VERSION).putInt(tokens.length);
        head.putLong(head.capacity()).putLong(image.remaining()).putLong(written);
        byte[] name = release.getBytes(StandardCharsets.US_ASCII);
        head.position(RELEASE).put(name, 0, Math.min(name.length, RELEASE_BYTES - 1));
        head.position(HEADER);
        for (long token : tokens) {
            head.putLong(token);
        }
        head.clear();
        return head.putInt(CRC, crc(head));
    }

    private static int crc(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.duplicate().limit(CRC));
        crc.update(new byte[4]);
        crc.update(head.duplicate().position(CRC + 4));
        return (int) crc.getValue();
    }

    /**
     * Writes it to a {@link SealedMemfd}.
     *
     * @return the fd, which is the caller's
     * @throws LuoException EMFILE · ENOMEM · ENOSPC
     */
    int write() throws LuoException {
        return SealedMemfd.write("luo-kexec", head(), image);
    }

    /**
     * Reads a file that may be anything.
     *
     * @throws LuoException EBADMSG if it is none of ours
     */
    static Envelope read(int fd) throws LuoException {
        return read(SealedMemfd.read(fd, MAX_BYTES, WHAT));
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @param bytes position 0 to limit; the image is a part of it, not a copy
     * @throws LuoException EBADMSG with the offset and what is wrong there
     */
    static Envelope read(ByteBuffer bytes) throws LuoException {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        check(in.limit() >= HEADER, 0, "only " + in.limit() + " bytes");
        byte[] magic = new byte[MAGIC.length];
        in.get(0, magic);
        check(Arrays.equals(magic, MAGIC), 0, "not written by this platform");
        check(in.getInt(8) == VERSION, 8, "version " + Integer.toUnsignedString(in.getInt(8)) + ", not " + VERSION);
        int files = in.getInt(12);
        check(files >= 0 && files <= MAX_FILES, 12, Integer.toUnsignedString(files) + " files");
        long start = in.getLong(16);
        long length = in.getLong(24);
        check(start == start(files) && start <= in.limit(), 16, "image at " + Long.toUnsignedString(start));
        check(length == in.limit() - start, 24, "image of " + Long.toUnsignedString(length) + " bytes");
        check(in.getInt(CRC) == crc(in.duplicate().limit((int) start)), CRC, "checksum does not match");
        long[] tokens = new long[files];
        for (int i = 0; i < files; i++) {
            tokens[i] = in.getLong(HEADER + i * Long.BYTES);
            check(tokens[i] != TOKEN, HEADER + i * Long.BYTES, "a file with the token of the envelope");
        }
        byte[] name = new byte[RELEASE_BYTES];
        in.get(RELEASE, name);
        String release = new String(name, StandardCharsets.ISO_8859_1);
        int end = release.indexOf('\0');
        check(end >= 0, RELEASE, "release without its NUL");
        ByteBuffer image = in.slice((int) start, (int) length).order(ByteOrder.LITTLE_ENDIAN);
        return new Envelope(tokens, image, in.getLong(32), Machine.printable(release.substring(0, end)));
    }

    private static void check(boolean right, int offset, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, WHAT + " at offset " + offset + ": " + problem);
        }
    }
}
