// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;

/** What stands in the way of a live update, whatever the successor reads. */
final class Obstacles {
    private Obstacles() {}

    /**
     * Refuses by name what can't go over. Waits for callbacks that are under way, one session at a time.
     *
     * @throws LuoException EAGAIN naming orphaned files · EBUSY naming a session that is retrieved and not finished ·
     *     EEXIST naming an unclaimed session that has the name of an outgoing one
     */
    static void refuse(Core core) throws LuoException {
        SessionTable sessions = core.sessions();
        Set<SessionName> names = new HashSet<>();
        sessions.outgoing().forEach(session -> names.add(session.name()));
        List<String> orphans = orphans(core);
        if (!orphans.isEmpty()) {
            throw LuoException.of(Errno.EAGAIN, "live update: the plug-ins of " + Names.of(orphans) + " are gone");
        }
        for (IncomingSessionImpl session : sessions.incoming()) {
            boolean claimed = sessions.isClaimed(session);
            if (session.isRetrieved() || claimed && session.size() > 0) {
                throw LuoException.of(Errno.EBUSY, "live update: " + session + " is retrieved and not finished");
            }
            if (!claimed && names.contains(session.name())) {
                throw LuoException.of(
                        Errno.EEXIST,
                        "live update: " + session + " is not claimed, and an outgoing one has the same name");
            }
        }
    }

    /** They are looked for only if somebody waits for a plug-in: in the blackout each look at a file counts. */
    private static List<String> orphans(Core core) {
        List<String> orphans = new ArrayList<>();
        if (core.handlers().hasOrphans() || core.flbs().hasOrphans()) {
            core.sessions().outgoing().forEach(session -> orphans.addAll(session.orphans()));
        }
        return orphans;
    }
}
