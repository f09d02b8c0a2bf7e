// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.util.List;
import org.luo.Compatible;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Carried;

/**
 * What an image says, in the order in which it says it; the fds of the image follow the same order.
 *
 * @param number how many live updates will have led to the reader
 * @param sessions the sessions, in order of creation
 * @param flbs the FLBs that files of the sessions need
 * @param doors the doors' sockets
 * @param states the subsystems' states, and the core's own
 */
public record Contents(
        long number,
        List<SessionRecord> sessions,
        List<FlbRecord> flbs,
        List<DoorRecord> doors,
        List<StateRecord> states) {
    /** Without states. */
    public Contents(long number, List<SessionRecord> sessions, List<FlbRecord> flbs, List<DoorRecord> doors) {
        this(number, sessions, flbs, doors, List.of());
    }

    /** How many files all sessions have together. */
    public int files() {
        return sessions.stream().mapToInt(session -> session.files().size()).sum();
    }

    /**
     * A session.
     *
     * @param name its name
     * @param files its files in order of preservation
     */
    public record SessionRecord(SessionName name, List<FileRecord> files) {}

    /**
     * A file.
     *
     * @param compatible the format of its state
     * @param token its key in the session
     * @param carried its state
     */
    public record FileRecord(Compatible compatible, Token token, Carried carried) {}

    /**
     * An FLB.
     *
     * @param compatible the format of its state
     * @param carried its state
     * @param count how many files need it, at least 1
     */
    public record FlbRecord(Compatible compatible, Carried carried, long count) {}

    /**
     * A door.
     *
     * @param name its name, in the form of a compatible string
     * @param carried its sockets
     */
    public record DoorRecord(Compatible name, Carried carried) {}

    /**
     * A state that belongs to no file.
     *
     * @param role whose it is
     * @param name its name, unique within the role
     * @param carried the state
     */
    public record StateRecord(Role role, Compatible name, Carried carried) {
        /** Whose a state is. */
        public enum Role {
            /** A subsystem's, by its name. */
            SUBSYSTEM,
            /** The core's own, by its format. */
            CORE
        }
    }
}
