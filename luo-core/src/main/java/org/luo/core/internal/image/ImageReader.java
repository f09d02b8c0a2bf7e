// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Carried;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.PluginState;

/**
 * Reads an image that it does not trust: everything is checked before anything is used, and any fault refuses the whole
 * image with the offset and what is wrong there.
 *
 * <p>Blocks must lie behind one another, so a chain cannot be a cycle; fds must be used in order, each exactly once; the
 * data of all entries together cannot be larger than the image, since they lie behind one another too.
 */
public final class ImageReader {
    private final ByteBuffer in;
    private final List<OpenFile> fds;
    private int nextFd;
    private long dataEnd;

    private ImageReader(Image image) {
        // A copy on the heap: nobody changes it any more, and one kind of buffer is what the rehearsal compiled for.
        byte[] copy = new byte[image.bytes().remaining()];
        image.bytes().duplicate().get(copy);
        this.in = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        this.fds = image.files();
    }

    /**
     * What an image says.
     *
     * @throws LuoException EBADMSG if anything in it is wrong
     */
    public static Contents read(Image image) throws LuoException {
        return new ImageReader(image).contents();
    }

    private Contents contents() throws LuoException {
        header();
        long luo = in.getLong(Layout.H_LUO);
        require(luo, Layout.LUO, "luo_ser");
        byte[] compatible = new byte[8];
        in.get((int) luo, compatible);
        check(Arrays.equals(compatible, Layout.COMPATIBLE), luo, "not our compatible string");
        long number = in.getLong((int) luo + Layout.L_NUMBER);
        check(number > 0, luo + Layout.L_NUMBER, () -> "live update number " + number);
        List<SessionRecord> sessions = sessions(in.getLong((int) luo + Layout.L_SESSIONS));
        List<FlbRecord> flbs = flbs(in.getLong((int) luo + Layout.L_FLBS));
        List<DoorRecord> doors = doors(in.getLong(Layout.H_DOORS));
        check(nextFd == fds.size(), Layout.H_FDS, () -> (fds.size() - nextFd) + " fds belong to nothing");
        return new Contents(number, sessions, flbs, doors);
    }

    private void header() throws LuoException {
        int length = in.limit();
        check(length >= Layout.HEADER + Layout.LUO, 0, () -> "only " + length + " bytes");
        byte[] magic = new byte[8];
        in.get(0, magic);
        check(Arrays.equals(magic, Layout.MAGIC), 0, "not an image");
        int version = in.getInt(Layout.H_VERSION);
        check(version == Layout.VERSION, Layout.H_VERSION, () -> "version " + Integer.toUnsignedString(version));
        check(
                in.getLong(Layout.H_LENGTH) == length,
                Layout.H_LENGTH,
                () -> "length is not the " + length + " bytes that came");
        CRC32C crc = new CRC32C();
        crc.update(in.slice(0, Layout.H_CRC));
        crc.update(new byte[4]);
        crc.update(in.slice(Layout.H_LENGTH, length - Layout.H_LENGTH));
        check((int) crc.getValue() == in.getInt(Layout.H_CRC), Layout.H_CRC, "checksum does not match");
        int count = in.getInt(Layout.H_FDS);
        check(
                count == fds.size(),
                Layout.H_FDS,
                () -> Integer.toUnsignedString(count) + " fds, but " + fds.size() + " came");
    }

    private List<SessionRecord> sessions(long head) throws LuoException {
        List<SessionRecord> sessions = new ArrayList<>();
        Set<SessionName> names = new HashSet<>();
        for (long block = head, end; block != 0; block = next(block, end)) {
            int count = block(block, Layout.SESSION, Layout.SESSIONS_IN_BLOCK);
            end = block + Layout.BLOCK + (long) count * Layout.SESSION;
            for (int i = 0; i < count; i++) {
                int at = (int) block + Layout.BLOCK + i * Layout.SESSION;
                SessionName name = sessionName(at);
                check(names.add(name), at, () -> "second session '" + name + "'");
                sessions.add(new SessionRecord(name, files(at)));
            }
        }
        return sessions;
    }

    private List<FileRecord> files(int session) throws LuoException {
        long expected = in.getLong(session + Layout.S_COUNT);
        List<FileRecord> files = new ArrayList<>();
        Set<Token> tokens = new HashSet<>();
        for (long block = in.getLong(session + Layout.S_FILES), end; block != 0; block = next(block, end)) {
            int count = block(block, Layout.ENTRY, Layout.ENTRIES_IN_BLOCK);
            end = block + Layout.BLOCK + (long) count * Layout.ENTRY;
            for (int i = 0; i < count; i++) {
                int at = (int) block + Layout.BLOCK + i * Layout.ENTRY;
                Token token = Token.of(in.getLong(at + Layout.E_NUMBER));
                check(tokens.add(token), at, () -> "second file " + token);
                files.add(new FileRecord(name(at), token, data(at)));
            }
        }
        check(
                files.size() == expected,
                session + Layout.S_COUNT,
                () -> files.size() + " files, not as many as counted");
        return files;
    }

    private List<FlbRecord> flbs(long block) throws LuoException {
        List<FlbRecord> flbs = new ArrayList<>();
        Predicate<Compatible> seen = new HashSet<Compatible>()::add;
        for (int at : entries(block)) {
            Compatible name = name(at);
            long count = in.getLong(at + Layout.E_NUMBER);
            check(seen.test(name), at, () -> "second FLB " + name);
            check(
                    count > 0,
                    at + Layout.E_NUMBER,
                    () -> "FLB " + name + " counted " + Long.toUnsignedString(count) + " times");
            flbs.add(new FlbRecord(name, data(at), count));
        }
        return flbs;
    }

    private List<DoorRecord> doors(long block) throws LuoException {
        List<DoorRecord> doors = new ArrayList<>();
        Predicate<Compatible> seen = new HashSet<Compatible>()::add;
        for (int at : entries(block)) {
            Compatible name = name(at);
            check(seen.test(name), at, () -> "second door " + name);
            doors.add(new DoorRecord(name, data(at)));
        }
        return doors;
    }

    private int[] entries(long block) throws LuoException {
        if (block == 0) {
            return new int[0];
        }
        int count = block(block, Layout.ENTRY, Layout.ENTRIES_IN_BLOCK);
        check(in.getLong((int) block) == 0, block, "a second block where there is one only");
        int[] entries = new int[count];
        Arrays.setAll(entries, i -> (int) block + Layout.BLOCK + i * Layout.ENTRY);
        return entries;
    }

    private int block(long block, int entrySize, int most) throws LuoException {
        require(block, Layout.BLOCK, "block");
        long count = in.getLong((int) block + Layout.B_COUNT);
        check(
                count > 0 && count <= most,
                block + Layout.B_COUNT,
                () -> "block of " + Long.toUnsignedString(count) + " entries");
        require(block, Layout.BLOCK + count * entrySize, "block");
        return (int) count;
    }

    private long next(long block, long end) throws LuoException {
        long next = in.getLong((int) block);
        check(next == 0 || next >= end, block, () -> "chain runs backwards to " + Long.toUnsignedString(next));
        return next;
    }

    private Carried data(int entry) throws LuoException {
        long data = in.getLong(entry + Layout.E_DATA);
        check(
                data >= dataEnd,
                entry + Layout.E_DATA,
                () -> "data at " + data + ", before the end of that of the entry before");
        require(data, Layout.DATA, "data");
        long bytes = Integer.toUnsignedLong(in.getInt((int) data));
        int count = in.getInt((int) data + Layout.D_FDS);
        int first = in.getInt((int) data + Layout.D_FIRST);
        check(bytes <= PluginState.MAX_BYTES, data, () -> bytes + " bytes of state");
        require(data, Layout.DATA + bytes, "state");
        check(first == nextFd, data + Layout.D_FIRST, () -> "fds start at " + Integer.toUnsignedString(first));
        check(
                count >= 0 && count <= Math.min(PluginState.MAX_FDS, fds.size() - first),
                data + Layout.D_FDS,
                "too many fds");
        dataEnd = data + Layout.DATA + bytes;
        nextFd = first + count;
        byte[] copy = new byte[(int) bytes];
        in.get((int) data + Layout.DATA, copy);
        List<OpenFile> files = count == 0 ? List.of() : List.copyOf(fds.subList(first, nextFd));
        return new Carried(
                new PluginState(copy, files.stream().map(OpenFile::fd).toList()), files);
    }

    private SessionName sessionName(int at) throws LuoException {
        try {
            return SessionName.of(text(at, Layout.SESSION_NAME));
        } catch (LuoException e) {
            throw fault(at, e.getMessage());
        }
    }

    private Compatible name(int at) throws LuoException {
        byte[] text = text(at, Layout.ENTRY_NAME);
        StringBuilder name = new StringBuilder(text.length);
        for (byte b : text) {
            name.append((char) (b & 0xff));
        }
        try {
            return Compatible.of(name.toString());
        } catch (IllegalArgumentException e) {
            throw fault(at, e.getMessage());
        }
    }

    /** The bytes before the NUL; after it there must be only NULs. */
    private byte[] text(int at, int size) throws LuoException {
        byte[] field = new byte[size];
        in.get(at, field);
        int end = 0;
        while (end < size && field[end] != 0) {
            end++;
        }
        check(end < size, at, "name without its NUL");
        for (int i = end; i < size; i++) {
            check(field[i] == 0, at + i, "bytes after a name");
        }
        return Arrays.copyOf(field, end);
    }

    private void require(long offset, long bytes, String what) throws LuoException {
        boolean inside = offset >= Layout.HEADER && (offset & 7) == 0 && offset <= in.limit() - bytes;
        check(inside, offset, () -> what + " does not fit the image");
    }

    private static void check(boolean holds, long offset, String what) throws LuoException {
        if (!holds) {
            throw fault(offset, what);
        }
    }

    private static void check(boolean holds, long offset, Supplier<String> what) throws LuoException {
        if (!holds) {
            throw fault(offset, what.get());
        }
    }

    private static LuoException fault(long offset, String what) {
        return LuoException.of(Errno.EBADMSG, "image at offset " + Long.toUnsignedString(offset) + ": " + what);
    }
}
