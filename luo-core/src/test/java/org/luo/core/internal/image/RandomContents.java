// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileIdentity;

/** Contents made up from a seed. */
final class RandomContents {
    private final Random random;
    private int fds;

    RandomContents(Random random) {
        this.random = random;
    }

    Contents next(int mostSessions, int mostFiles) throws LuoException {
        fds = 3;
        Map<SessionName, SessionRecord> sessions = new LinkedHashMap<>();
        for (int i = random.nextInt(mostSessions); i > 0; i--) {
            SessionName name = name();
            List<FileRecord> files = random.nextBoolean() ? List.of() : files(random.nextInt(mostFiles));
            sessions.putIfAbsent(name, new SessionRecord(name, files));
        }
        // Those that were not taken have used up numbers; that does not matter.
        List<FlbRecord> flbs = new ArrayList<>();
        for (Compatible name : compatibles(random.nextInt(64))) {
            flbs.add(new FlbRecord(name, carried(), 1 + random.nextLong(Long.MAX_VALUE)));
        }
        List<DoorRecord> doors = new ArrayList<>();
        for (Compatible name : compatibles(random.nextInt(5))) {
            doors.add(new DoorRecord(name, carried()));
        }
        List<StateRecord> states = new ArrayList<>();
        for (Compatible name : compatibles(random.nextInt(5))) {
            states.add(new StateRecord(states.isEmpty() ? Role.SUBSYSTEM : Role.CORE, name, carried()));
        }
        return new Contents(1 + random.nextLong(Long.MAX_VALUE), List.copyOf(sessions.values()), flbs, doors, states);
    }

    private List<FileRecord> files(int count) {
        Map<Token, FileRecord> files = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            Token token = Token.of(random.nextBoolean() ? random.nextLong() : random.nextLong(-3, 200));
            files.put(token, new FileRecord(compatible(), token, carried()));
        }
        return List.copyOf(files.values());
    }

    private Set<Compatible> compatibles(int count) {
        Set<Compatible> names = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            names.add(compatible());
        }
        return names;
    }

    private Compatible compatible() {
        StringBuilder text = new StringBuilder();
        for (int i = 1 + random.nextInt(Compatible.MAX_BYTES); i > 0; i--) {
            text.append((char) random.nextInt('!', '~' + 1));
        }
        return Compatible.of(text.toString());
    }

    private SessionName name() throws LuoException {
        byte[] bytes = new byte[1 + random.nextInt(SessionName.MAX_BYTES)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt(1, 256);
        }
        return SessionName.of(bytes);
    }

    private Carried carried() {
        byte[] data = new byte[random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(20)];
        random.nextBytes(data);
        List<OpenFile> files = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            files.add(new OpenFile(fds++, new FileIdentity(random.nextLong(), random.nextLong())));
        }
        return Carried.of(data, files);
    }
}
