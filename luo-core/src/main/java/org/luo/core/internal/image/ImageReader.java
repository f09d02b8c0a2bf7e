// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static org.luo.core.internal.image.ImageBytes.check;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Carried;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.Contents.StateRecord.Role;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.PluginState;

/**
 * Reads an image that it does not trust: everything is checked before anything is used, and any fault refuses the whole
 * image with the offset and what is wrong there.
 *
 * <p>Blocks must lie behind one another, so a chain cannot be a cycle; fds must be used in order, each exactly once; the
 * states of all entries together cannot be larger than the image, since they lie behind one another too.
 */
public final class ImageReader {
    private final ImageBytes in;
    private final List<OpenFile> fds;
    private int nextFd;
    private long dataEnd;

    private ImageReader(Image image) {
        this.in = new ImageBytes(image.bytes());
        this.fds = image.files();
    }

    /**
     * What a whole image says.
     *
     * @throws LuoException EBADMSG if anything in it is wrong
     */
    public static Contents read(Image image) throws LuoException {
        return new ImageReader(image).contents(Layout.WHOLE);
    }

    /** What a draft says; errors as with {@link #read}. */
    public static Contents readDraft(Image image) throws LuoException {
        return new ImageReader(image).contents(Layout.DRAFT);
    }

    /**
     * What has changed since a draft; errors as with {@link #read}.
     *
     * @param draft what the draft said
     * @param checksum the draft's
     */
    public static Delta readDelta(Image image, Contents draft, int checksum) throws LuoException {
        return new ImageReader(image).delta(draft, checksum);
    }

    /** Whether an image counts on a draft. It may be anything; reading it will tell. */
    public static boolean isDelta(Image image) {
        return word(image, Layout.H_KIND) == Layout.DELTA;
    }

    /** The checksum that an image has written on it. */
    public static int checksum(Image image) {
        return word(image, Layout.H_CRC);
    }

    private static int word(Image image, int at) {
        ByteBuffer bytes = image.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        return bytes.remaining() < Layout.HEADER ? 0 : bytes.getInt(bytes.position() + at);
    }

    private Contents contents(int kind) throws LuoException {
        Contents contents = read(kind);
        requireAllFds();
        return contents;
    }

    private Delta delta(Contents draft, int checksum) throws LuoException {
        Contents news = read(Layout.DELTA);
        check(in.u32(Layout.H_DRAFT) == checksum, Layout.H_DRAFT, "counts on another draft");
        Delta delta = new Delta(checksum, news, new PlacesReader(this, in, draft, news).places());
        requireAllFds();
        return delta;
    }

    private void requireAllFds() throws LuoException {
        check(nextFd == fds.size(), Layout.H_FDS, "fds", "beyond those that belong to something:", fds.size() - nextFd);
    }

    private Contents read(int kind) throws LuoException {
        header(kind);
        long luo = in.u64(Layout.H_LUO);
        in.require(luo, Layout.LUO, "luo_ser");
        check(Arrays.equals(in.bytes(luo, 8), Layout.COMPATIBLE), luo, "not our compatible string");
        long number = in.u64(luo + Layout.L_NUMBER);
        check(number > 0, luo + Layout.L_NUMBER, "live update", "number", number);
        List<SessionRecord> sessions = sessions(in.u64(luo + Layout.L_SESSIONS));
        List<FlbRecord> flbs = flbs(in.u64(luo + Layout.L_FLBS));
        List<DoorRecord> doors = new ArrayList<>();
        List<StateRecord> states = new ArrayList<>();
        named(in.u64(Layout.H_NAMED), doors, states);
        return new Contents(number, sessions, flbs, doors, states);
    }

    private void header(int kind) throws LuoException {
        int length = in.length();
        check(length >= Layout.HEADER + Layout.LUO, 0, "image", "too short, bytes:", length);
        check(Arrays.equals(in.bytes(0, 8), Layout.MAGIC), 0, "not an image");
        int version = in.u32(Layout.H_VERSION);
        check(version == Layout.VERSION, Layout.H_VERSION, "unknown", "version", version);
        check(in.u64(Layout.H_LENGTH) == length, Layout.H_LENGTH, "length", "is not what came, bytes:", length);
        check(in.crc() == in.u32(Layout.H_CRC), Layout.H_CRC, "checksum does not match");
        check(in.u32(Layout.H_KIND) == kind, Layout.H_KIND, "image", "of another kind than", kind);
        check(in.u32(Layout.H_FDS) == fds.size(), Layout.H_FDS, "fds", "not as many as came:", fds.size());
    }

    private List<SessionRecord> sessions(long head) throws LuoException {
        List<SessionRecord> sessions = new ArrayList<>();
        Set<SessionName> names = new HashSet<>();
        for (long block = head, end; block != 0; block = next(block, end)) {
            int count = block(block, Layout.SESSION, Layout.SESSIONS_IN_BLOCK);
            end = block + Layout.BLOCK + (long) count * Layout.SESSION;
            for (int i = 0; i < count; i++) {
                long at = block + Layout.BLOCK + (long) i * Layout.SESSION;
                SessionName name = in.sessionName(at);
                check(names.add(name), at, "second session of the same name");
                sessions.add(new SessionRecord(name, files(at)));
            }
        }
        return sessions;
    }

    private List<FileRecord> files(long session) throws LuoException {
        long counted = in.u64(session + Layout.S_COUNT);
        boolean possible = counted >= 0 && counted <= in.length() / Layout.ENTRY;
        check(possible, session + Layout.S_COUNT, "files", "more than fit the image:", counted);
        List<FileRecord> files = new ArrayList<>((int) counted);
        Set<Token> tokens = HashSet.newHashSet((int) counted);
        for (long block = in.u64(session + Layout.S_FILES), end; block != 0; block = next(block, end)) {
            int count = block(block, Layout.ENTRY, Layout.ENTRIES_IN_BLOCK);
            end = block + Layout.BLOCK + (long) count * Layout.ENTRY;
            for (int i = 0; i < count; i++) {
                long at = block + Layout.BLOCK + (long) i * Layout.ENTRY;
                Token token = Token.of(in.u64(at + Layout.E_NUMBER));
                check(tokens.add(token), at, "second file", "of token", token.value());
                files.add(new FileRecord(in.name(at), token, data(at)));
            }
        }
        check(counted == files.size(), session + Layout.S_COUNT, "files", "not as many as there are:", files.size());
        return files;
    }

    private List<FlbRecord> flbs(long block) throws LuoException {
        List<FlbRecord> flbs = new ArrayList<>();
        Set<Compatible> names = new HashSet<>();
        for (long at : entries(block)) {
            Compatible name = in.name(at);
            long count = in.u64(at + Layout.E_NUMBER);
            check(names.add(name), at, "second FLB of the same name");
            check(count > 0, at + Layout.E_NUMBER, "FLB", "with a count of", count);
            flbs.add(new FlbRecord(name, data(at), count));
        }
        return flbs;
    }

    private void named(long block, List<DoorRecord> doors, List<StateRecord> states) throws LuoException {
        Set<String> names = new HashSet<>();
        long role = Layout.DOOR;
        for (long at : entries(block)) {
            Compatible name = in.name(at);
            long before = role;
            role = in.u64(at + Layout.E_NUMBER);
            check(
                    role >= before && role <= Layout.CORE,
                    at + Layout.E_NUMBER,
                    "state",
                    "of a role out of order or unknown",
                    role);
            check(names.add(role + " " + name), at, "second state of the same name");
            if (role == Layout.DOOR) {
                doors.add(new DoorRecord(name, data(at)));
            } else {
                states.add(new StateRecord(role == Layout.CORE ? Role.CORE : Role.SUBSYSTEM, name, data(at)));
            }
        }
    }

    /** The entries of a list that is a single block, or none. */
    private long[] entries(long block) throws LuoException {
        if (block == 0) {
            return new long[0];
        }
        int count = block(block, Layout.ENTRY, Layout.ENTRIES_IN_BLOCK);
        check(in.u64(block) == 0, block, "a second block where there is one only");
        long[] entries = new long[count];
        for (int i = 0; i < count; i++) {
            entries[i] = block + Layout.BLOCK + (long) i * Layout.ENTRY;
        }
        return entries;
    }

    int block(long block, int entrySize, int most) throws LuoException {
        in.require(block, Layout.BLOCK, "block");
        long count = in.u64(block + Layout.B_COUNT);
        check(count > 0 && count <= most, block + Layout.B_COUNT, "block", "whose entries number", count);
        in.require(block, Layout.BLOCK + count * entrySize, "block");
        return (int) count;
    }

    long next(long block, long end) throws LuoException {
        long next = in.u64(block);
        check(next == 0 || next >= end, block, "chain", "runs backwards to", next);
        return next;
    }

    private Carried data(long entry) throws LuoException {
        return data(entry, Layout.E_DATA);
    }

    /** The state that a structure refers to. */
    Carried data(long structure, int field) throws LuoException {
        long data = in.u64(structure + field);
        check(data >= dataEnd, structure + field, "state", "within that of another entry, at", data);
        in.require(data, Layout.DATA, "state");
        long bytes = Integer.toUnsignedLong(in.u32(data));
        int count = in.u32(data + Layout.D_FDS);
        int first = in.u32(data + Layout.D_FIRST);
        check(bytes <= PluginState.MAX_BYTES, data, "state", "too long, bytes:", bytes);
        in.require(data, Layout.DATA + bytes, "state");
        check(first == nextFd, data + Layout.D_FIRST, "fds", "out of order, the next one is", nextFd);
        boolean enough = count >= 0 && count <= Math.min(PluginState.MAX_FDS, fds.size() - first);
        check(enough, data + Layout.D_FDS, "fds", "too many:", Integer.toUnsignedLong(count));
        dataEnd = data + Layout.DATA + bytes;
        nextFd = first + count;
        return Carried.of(in.bytes(data + Layout.DATA, (int) bytes), fds.subList(first, nextFd));
    }
}
