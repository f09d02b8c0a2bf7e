// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.SealedMemfd;
import org.luo.spi.FileIdentity;

/**
 * Says what the files in the service manager's store are: which file each of the image is, and the image. Little-endian:
 *
 * <pre>
 *  0 u8[8] "LUOSTORE"    16 u64 sequence              40 u32 CRC32C of all before the image, this being 0
 *  8 u32 version, 1      24 u64 where the image begins 44 u32 0
 * 12 u32 files           32 u64 bytes of the image     48 {u64 device, u64 inode}[files], then zeros up to the image
 * </pre>
 *
 * <p>The image has a checksum of its own. Each later one has a higher sequence number.
 *
 * @param sequence which one it is
 * @param files of the image, in order
 * @param image its bytes
 */
record Ledger(long sequence, List<FileIdentity> files, ByteBuffer image) {
    /** Most files; a service manager keeps fewer. */
    static final int MAX_FILES = 1 << 20;

    /** Most bytes, far more than any image has. */
    static final long MAX_BYTES = 1 << 30;

    private static final byte[] MAGIC = "LUOSTORE".getBytes(StandardCharsets.US_ASCII);
    private static final String WHAT = "ledger of the fd store";
    private static final String STATE = "luo-state-";
    private static final String FILE = "luo-file-";
    private static final int VERSION = 1;
    private static final int HEADER = 48;
    private static final int ENTRY = 16;
    private static final int CRC = 40;
    private static final int IMAGE_ALIGNMENT = 4096;

    /** What the manager is told to call a ledger. */
    static String name(long sequence) {
        return STATE + sequence;
    }

    /** What the manager is told to call a file: the same in every generation of the platform. */
    static String name(FileIdentity file) {
        return FILE + Long.toHexString(file.device()) + "-" + Long.toUnsignedString(file.inode());
    }

    /** Whether the manager has this from us, and it is a ledger. */
    static boolean isLedger(String name) {
        return name.startsWith(STATE);
    }

    /** Whether the manager has this from us. */
    static boolean isOurs(String name) {
        return isLedger(name) || name.startsWith(FILE);
    }

    private static int start(int files) {
        return (HEADER + files * ENTRY + IMAGE_ALIGNMENT - 1) / IMAGE_ALIGNMENT * IMAGE_ALIGNMENT;
    }

    /** All but the image, up to where that begins. */
    ByteBuffer head() {
        ByteBuffer head = ByteBuffer.allocate(start(files.size())).order(ByteOrder.LITTLE_ENDIAN);
        head.put(MAGIC).putInt(VERSION).putInt(files.size());
        head.putLong(sequence).putLong(head.capacity()).putLong(image.remaining());
        head.position(HEADER);
        files.forEach(file -> head.putLong(file.device()).putLong(file.inode()));
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
        return SealedMemfd.write(name(sequence), head(), image);
    }

    /**
     * Reads a file that may be anything.
     *
     * @throws LuoException EBADMSG if it is none of ours
     */
    static Ledger read(int fd) throws LuoException {
        return read(SealedMemfd.read(fd, MAX_BYTES, WHAT));
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @param bytes position 0 to limit; the image is a part of it, not a copy
     * @throws LuoException EBADMSG with the offset and what is wrong there
     */
    static Ledger read(ByteBuffer bytes) throws LuoException {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        check(in.limit() >= HEADER, 0, "only " + in.limit() + " bytes");
        byte[] magic = new byte[MAGIC.length];
        in.get(0, magic);
        check(Arrays.equals(magic, MAGIC), 0, "not written by this platform");
        check(in.getInt(8) == VERSION, 8, "version " + Integer.toUnsignedString(in.getInt(8)) + ", not " + VERSION);
        int count = in.getInt(12);
        check(count >= 0 && count <= MAX_FILES, 12, Integer.toUnsignedString(count) + " files");
        long sequence = in.getLong(16);
        check(sequence > 0, 16, "sequence " + sequence);
        long start = in.getLong(24);
        long length = in.getLong(32);
        check(start == start(count) && start <= in.limit(), 24, "image at " + Long.toUnsignedString(start));
        check(length == in.limit() - start, 32, "image of " + Long.toUnsignedString(length) + " bytes");
        check(in.getInt(CRC) == crc(in.duplicate().limit((int) start)), CRC, "checksum does not match");
        List<FileIdentity> files = new ArrayList<>(count);
        for (int at = HEADER; files.size() < count; at += ENTRY) {
            files.add(new FileIdentity(in.getLong(at), in.getLong(at + 8)));
        }
        return new Ledger(
                sequence,
                List.copyOf(files),
                in.slice((int) start, (int) length).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static void check(boolean right, int offset, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, WHAT + " at offset " + offset + ": " + problem);
        }
    }
}
