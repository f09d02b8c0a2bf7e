// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Tally.Times;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.Contents.StateRecord.Role;

/**
 * What the core itself carries over: statistics, and how often unclaimed sessions have been carried on.
 *
 * <pre>
 * done u64, failed u64, rolled back u64, began u64, frozen u64 (ns since 1970)
 * phases u32: length u8, name, count u64, kept u32 (1 to 128), each u64 (ns)
 * carried u32: length u8 (1 to 63), name, times u32
 * dependencies u32: who and on whom, each: length u8 (1 to 63), name of the session, token u64
 * </pre>
 *
 * <p>Little-endian, unaligned. A state of another format is left alone.
 *
 * @param done live updates that led to a successor
 * @param failed those that did not happen
 * @param rolledBack those of them that were frozen
 * @param began when the live update under way began
 * @param frozen when its blackout began
 * @param phases the times of each phase
 * @param carried the unclaimed sessions, each with the live updates it will have gone on over
 * @param dependencies which file depends on which
 */
record CoreState(
        long done,
        long failed,
        long rolledBack,
        long began,
        long frozen,
        Map<String, Times> phases,
        Map<SessionName, Integer> carried,
        List<Dependency> dependencies) {
    /** A file of any session. */
    record FileName(SessionName session, Token token) {}

    /** One file depends on another. */
    record Dependency(FileName dependant, FileName needed) {}

    static final Compatible FORMAT = Compatible.of("luo-core-p1");

    /** After a cold start. */
    static final CoreState NONE = new CoreState(0, 0, 0, 0, 0, Map.of(), Map.of(), List.of());

    /** Bytes that are there in any case. */
    static final int FIXED = 5 * 8 + 3 * 4;

    StateRecord record() {
        return new StateRecord(Role.CORE, FORMAT, Carried.of(bytes(), List.of()));
    }

    byte[] bytes() {
        int size = FIXED;
        for (Map.Entry<String, Times> phase : phases.entrySet()) {
            size += 1 + phase.getKey().length() + 8 + 4 + 8 * phase.getValue().kept().length;
        }
        size += carried.size() * (1 + SessionName.MAX_BYTES + 4);
        size += dependencies.size() * 2 * (1 + SessionName.MAX_BYTES + 8);
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(done).putLong(failed).putLong(rolledBack).putLong(began).putLong(frozen);
        out.putInt(phases.size());
        phases.forEach((name, times) -> {
            put(out, name.getBytes(StandardCharsets.US_ASCII));
            out.putLong(times.count()).putInt(times.kept().length);
            for (long nanos : times.kept()) {
                out.putLong(nanos);
            }
        });
        out.putInt(carried.size());
        carried.forEach((name, times) -> {
            put(out, name.bytes());
            out.putInt(times);
        });
        out.putInt(dependencies.size());
        for (Dependency dependency : dependencies) {
            put(out, dependency.dependant);
            put(out, dependency.needed);
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private static void put(ByteBuffer out, FileName file) {
        put(out, file.session.bytes());
        out.putLong(file.token.value());
    }

    private static void put(ByteBuffer out, byte[] text) {
        out.put((byte) text.length).put(text);
    }

    /**
     * The core's own state in an image; {@link #NONE} if there is none in a format known here.
     *
     * @throws LuoException EBADMSG if anything in it is wrong
     */
    static CoreState in(Contents contents) throws LuoException {
        for (StateRecord record : contents.states()) {
            if (record.role() == Role.CORE && record.name().equals(FORMAT)) {
                return new CoreStateReader(record.carried().state()).read();
            }
        }
        return NONE;
    }
}
