// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Statistics.PhaseTimes;
import org.luo.Token;
import org.luo.core.internal.CoreState.Dependency;
import org.luo.core.internal.CoreState.FileName;
import org.luo.core.internal.Tally.Times;
import org.luo.spi.PluginState;

/** Reads the core's own state, which it does not trust. */
final class CoreStateReader {
    private static final int MOST_PHASES = 64;

    private final ByteBuffer in;

    CoreStateReader(PluginState state) {
        in = ByteBuffer.wrap(state.data()).order(ByteOrder.LITTLE_ENDIAN);
    }

    CoreState read() throws LuoException {
        require(CoreState.FIXED - 8);
        long done = count();
        long failed = count();
        long rolledBack = count();
        long began = in.getLong();
        long frozen = in.getLong();
        Map<String, Times> phases = phases();
        Map<SessionName, Integer> carried = carried();
        List<Dependency> dependencies = dependencies();
        check(!in.hasRemaining(), "more bytes than it needs");
        return new CoreState(done, failed, rolledBack, began, frozen, phases, carried, dependencies);
    }

    private Map<String, Times> phases() throws LuoException {
        int count = in.getInt();
        check(count >= 0 && count <= MOST_PHASES, "too many phases");
        Map<String, Times> phases = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = new String(text(), StandardCharsets.US_ASCII);
            check(name.chars().allMatch(c -> c > ' ' && c < 0x7f), "phase with a strange name");
            check(phases.put(name, times()) == null, "second phase of the same name");
        }
        return phases;
    }

    private Times times() throws LuoException {
        require(12);
        long count = count();
        int kept = in.getInt();
        check(kept > 0 && kept <= PhaseTimes.KEPT && kept <= count, "times that are not as many as counted");
        require(8 * kept);
        long[] times = new long[kept];
        for (int i = 0; i < kept; i++) {
            times[i] = count();
        }
        return new Times(count, times);
    }

    private Map<SessionName, Integer> carried() throws LuoException {
        require(4);
        int count = in.getInt();
        check(count >= 0 && count <= in.remaining(), "too many sessions");
        Map<SessionName, Integer> carried = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            SessionName name = name();
            require(4);
            int times = in.getInt();
            check(times > 0, "session that was carried 0 times");
            check(carried.put(name, times) == null, "second session of the same name");
        }
        return carried;
    }

    private List<Dependency> dependencies() throws LuoException {
        require(4);
        int count = in.getInt();
        check(count >= 0 && count <= in.remaining(), "too many dependencies");
        List<Dependency> dependencies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            dependencies.add(new Dependency(file(), file()));
        }
        return dependencies;
    }

    private FileName file() throws LuoException {
        SessionName session = name();
        require(8);
        return new FileName(session, Token.of(in.getLong()));
    }

    private SessionName name() throws LuoException {
        byte[] text = text();
        try {
            return SessionName.of(text);
        } catch (LuoException e) {
            throw LuoException.of(Errno.EBADMSG, "state of the core: " + e.getMessage(), e);
        }
    }

    private byte[] text() throws LuoException {
        require(1);
        byte[] text = new byte[Byte.toUnsignedInt(in.get())];
        require(text.length);
        in.get(text);
        return text;
    }

    private long count() throws LuoException {
        long count = in.getLong();
        check(count >= 0, "a number that is too large");
        return count;
    }

    private void require(int bytes) throws LuoException {
        check(in.remaining() >= bytes, "too short");
    }

    private void check(boolean holds, String what) throws LuoException {
        if (!holds) {
            throw LuoException.of(Errno.EBADMSG, "state of the core at " + in.position() + ": " + what);
        }
    }
}
