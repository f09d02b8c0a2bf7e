// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.Contents.StateRecord.Role;

/**
 * How often what has happened, for the statistics; beside {@link CoreState}, so that a reader which does not know it takes
 * that all the same.
 *
 * <pre>
 * recovered u64
 * kind under way: length u8, name; empty for none
 * kinds u32: length u8, name, live updates u64
 * </pre>
 *
 * <p>Little-endian, unaligned. Names are 1 to {@value #LONGEST} characters, visible ASCII. A state of another format is left
 * alone.
 *
 * @param underWay the kind of the live update that leads to the reader, or empty
 * @param recovered how often what a crash left was taken up
 * @param kinds live updates done, by kind
 */
record Counts(String underWay, long recovered, Map<String, Long> kinds) {
    static final Compatible FORMAT = Compatible.of("luo-counts-p1");

    /** After a cold start. */
    static final Counts NONE = new Counts("", 0, Map.of());

    private static final int LONGEST = 47;
    private static final int MOST = 64;

    /** A kind that is no such name can't be told from others like it. */
    Counts {
        underWay = underWay.isEmpty() || isName(underWay) ? underWay : "other";
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) <= ' ' || name.charAt(i) >= 0x7f) {
                return false;
            }
        }
        return !name.isEmpty() && name.length() <= LONGEST;
    }

    StateRecord record() {
        return new StateRecord(Role.CORE, FORMAT, Carried.of(bytes(), List.of()));
    }

    byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(8 + 1 + LONGEST + 4 + kinds.size() * (1 + LONGEST + 8))
                .order(ByteOrder.LITTLE_ENDIAN);
        put(out.putLong(recovered), underWay).putInt(kinds.size());
        kinds.forEach((name, times) -> put(out, name).putLong(times));
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private static ByteBuffer put(ByteBuffer out, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        return out.put((byte) bytes.length).put(bytes);
    }

    /**
     * The counts in an image; {@link #NONE} if there are none in a format known here.
     *
     * @throws LuoException EBADMSG if anything in them is wrong
     */
    static Counts in(Contents contents) throws LuoException {
        for (StateRecord record : contents.states()) {
            if (record.role() == Role.CORE && record.name().equals(FORMAT)) {
                return read(record.carried().state().data());
            }
        }
        return NONE;
    }

    private static Counts read(byte[] data) throws LuoException {
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        try {
            long recovered = count(in);
            String underWay = text(in);
            check(underWay.isEmpty() || isName(underWay), in, "kind with a strange name");
            int size = in.getInt();
            check(size >= 0 && size <= MOST, in, "too many kinds");
            Map<String, Long> kinds = new TreeMap<>();
            for (int i = 0; i < size; i++) {
                String name = text(in);
                check(isName(name), in, "kind with a strange name");
                check(kinds.put(name, count(in)) == null, in, "second kind of the same name");
            }
            check(!in.hasRemaining(), in, "more bytes than they need");
            return new Counts(underWay, recovered, kinds);
        } catch (BufferUnderflowException e) {
            throw LuoException.of(Errno.EBADMSG, "counts: only " + data.length + " bytes", e);
        }
    }

    private static String text(ByteBuffer in) {
        byte[] text = new byte[in.get() & 0xff];
        in.get(text);
        return new String(text, StandardCharsets.US_ASCII);
    }

    private static long count(ByteBuffer in) throws LuoException {
        long count = in.getLong();
        check(count >= 0, in, "a number that is too large");
        return count;
    }

    private static void check(boolean right, ByteBuffer in, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, "counts at " + in.position() + ": " + problem);
        }
    }
}
