// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.SessionName;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Stat;

/** The workloads that came over the last live update: found by their descriptions, verified, and finished. */
final class Incoming {
    private static final int MAX_DESCRIPTION = 16 << 20;

    private final Map<SessionName, IncomingSession> claimed = new LinkedHashMap<>();

    /**
     * Verifies every file of every workload that came over. May be called again.
     *
     * @throws LuoException ENOENT if none came over
     */
    Verification verify(Orchestrator orchestrator) throws LuoException {
        Verification verification = new Verification();
        for (Description description : claim(orchestrator)) {
            verification.add(description, claimed);
        }
        return verification;
    }

    /** Finishes and closes the sessions of all workloads that came over. Returns how many those are. */
    int finish(Orchestrator orchestrator) throws LuoException {
        claim(orchestrator);
        List<SessionName> finished = new ArrayList<>();
        try {
            for (IncomingSession session : claimed.values()) {
                session.finish();
                session.close();
                finished.add(session.name());
            }
        } finally {
            finished.forEach(claimed::remove);
        }
        return finished.size();
    }

    /** Retrieves the sessions of all workloads, as far as they are not yet. */
    private List<Description> claim(Orchestrator orchestrator) throws LuoException {
        List<Description> descriptions = new ArrayList<>();
        for (FileInfo file : orchestrator.files()) {
            if (file.direction() == Direction.INCOMING && file.token().equals(Description.TOKEN)) {
                descriptions.add(read(claim(orchestrator, file.session())));
            }
        }
        if (descriptions.isEmpty()) {
            throw LuoException.of(
                    Errno.ENOENT, "workload: none came over the last live update, or it is finished already");
        }
        for (Description description : descriptions) {
            for (SessionName session : description.sessions()) {
                claim(orchestrator, session);
            }
        }
        return descriptions;
    }

    private IncomingSession claim(Orchestrator orchestrator, SessionName name) throws LuoException {
        IncomingSession session = claimed.get(name);
        if (session == null) {
            session = orchestrator.retrieveSession(name);
            claimed.put(name, session);
        }
        return session;
    }

    private static Description read(IncomingSession session) throws LuoException {
        int fd = session.retrieve(Description.TOKEN);
        try (Arena arena = Arena.ofConfined()) {
            long size = Stat.of(fd).size();
            if (size > MAX_DESCRIPTION) {
                throw LuoException.of(Errno.EBADMSG, "description of the workload: " + size + " bytes long");
            }
            MemorySegment bytes = arena.allocate(Math.max(1, size));
            long read = FileIo.pread(fd, bytes, 0);
            return Description.decode(bytes.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE));
        } finally {
            Fds.close(fd);
        }
    }
}
