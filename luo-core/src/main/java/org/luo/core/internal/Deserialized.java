// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Compatible;
import org.luo.core.internal.image.Contents;
import org.luo.spi.FileHandler;

/**
 * What a draft or an image has become.
 *
 * @param contents what it said
 * @param sessions its sessions, in the same order
 * @param flbs its FLBs, by the strings of their states
 * @param readers who reads the files
 * @param core the core's own state
 * @param counts how often what has happened
 */
record Deserialized(
        Contents contents,
        List<IncomingSessionImpl> sessions,
        Map<Compatible, IncomingFlb> flbs,
        Set<Slot<FileHandler>> readers,
        CoreState core,
        Counts counts) {
    /** Of no image. */
    static final Deserialized NOTHING = new Deserialized(
            new Contents(0, List.of(), List.of(), List.of()),
            List.of(),
            Map.of(),
            Set.of(),
            CoreState.NONE,
            Counts.NONE);

    /** The same, but for the sessions. */
    Deserialized with(List<IncomingSessionImpl> all) {
        return new Deserialized(contents, all, flbs, readers, core, counts);
    }
}
