// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Contents.StateRecord;

/**
 * Everything that goes over. To be used while the gate is shut.
 *
 * @param number how many live updates will have led to the successor
 * @param outgoing the outgoing sessions, frozen, in order of creation
 * @param unclaimed the incoming sessions that are carried on, behind those
 * @param flbs the FLBs that the files of both need
 * @param doors the doors' sockets
 * @param states the subsystems' states, and the core's own
 */
record Cargo(
        long number,
        List<OutgoingSessionImpl> outgoing,
        List<IncomingSessionImpl> unclaimed,
        List<FlbRecord> flbs,
        List<DoorRecord> doors,
        List<StateRecord> states) {
    int sessions() {
        return outgoing.size() + unclaimed.size();
    }

    int files() {
        int files = 0;
        for (OutgoingSessionImpl session : outgoing) {
            files += session.files().size();
        }
        for (IncomingSessionImpl session : unclaimed) {
            files += session.files().size();
        }
        return files;
    }

    /** All of it, written out. */
    Contents contents() {
        List<SessionRecord> sessions = new ArrayList<>(sessions());
        outgoing.forEach(session -> sessions.add(session.record()));
        unclaimed.forEach(session -> sessions.add(session.carryOn()));
        return contents(sessions);
    }

    /** The given sessions instead of its own. */
    Contents contents(List<SessionRecord> sessions) {
        return new Contents(number, sessions, flbs, doors, states);
    }
}
