// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;

/** Every file of one handler, in the order of sessions and of preservation. The gate is shut. */
final class Holders {
    private final Core core;
    private final List<OutgoingFile> outgoing = new ArrayList<>();
    private final List<IncomingFile> incoming = new ArrayList<>();

    Holders(Core core, Slot<FileHandler> slot) {
        this.core = core;
        for (OutgoingSessionImpl session : core.sessions().outgoing()) {
            session.files().stream().filter(file -> file.slot == slot).forEach(outgoing::add);
        }
        for (IncomingSessionImpl session : core.sessions().incoming()) {
            session.files().stream().filter(file -> file.slot == slot).forEach(incoming::add);
        }
    }

    List<OutgoingFile> outgoing() {
        return outgoing;
    }

    List<IncomingFile> incoming() {
        return incoming;
    }

    int size() {
        return outgoing.size() + incoming.size();
    }

    List<Pins> pins() {
        return Stream.concat(
                        outgoing.stream().map(file -> file.pins),
                        incoming.stream().map(file -> file.pins))
                .toList();
    }

    /** They need no bundle but the handler's, those of their FLBs, and the core's. */
    void keepOnly(Owner handler) {
        for (OutgoingFile file : outgoing) {
            file.pins.keepOnly(
                    needed(handler, file.flbs.stream().map(OutgoingFlb::slot).toList()));
        }
        for (IncomingFile file : incoming) {
            file.pins.keepOnly(
                    needed(handler, file.flbs.stream().map(IncomingFlb::slot).toList()));
        }
    }

    private Set<Long> needed(Owner handler, List<Slot<Flb<?>>> flbs) {
        Set<Long> needed = new HashSet<>(Set.of(handler.bundle()));
        needed.add(core.self().bundle());
        flbs.forEach(flb -> needed.add(flb.latest().owner().bundle()));
        return needed;
    }
}
