// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * What can be seen of a preserved file.
 *
 * @param session the session that holds it
 * @param direction that session's direction
 * @param token its token there
 * @param compatible the format of its state
 * @param phase where it is in its life
 * @param size of the file itself, in bytes; 0 for one that has none, such as a device
 * @param stateBytes size of its handler's state in bytes
 * @param bundle symbolic name and id of its handler's bundle; empty while that is gone
 * @param preservedAt when it was preserved, or arrived here; ms since 1970
 */
public record FileInfo(
        SessionName session,
        Direction direction,
        Token token,
        Compatible compatible,
        Phase phase,
        long size,
        int stateBytes,
        String bundle,
        long preservedAt) {
    /** Where a file is in its life. */
    public enum Phase {
        /** Outgoing and usable. */
        PRESERVED,
        /** Outgoing, its state final, the handover under way. */
        FROZEN,
        /** Incoming, its handler not asked yet. */
        DESERIALIZED,
        /** Incoming and given out. */
        RETRIEVED,
        /** Incoming; its handler could not bring it back. */
        FAILED
    }
}
