// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;

/**
 * Every file that some plug-ins keep, in the order of sessions and of preservation: those of handlers that are followed by
 * others, and those of any handler that need an FLB that is. The gate is shut.
 */
final class Holders {
    private final Core core;
    private final List<Succession<FileHandler>> handlers;
    private final List<FlbMove> flbs;
    private final List<OutgoingFile> outgoing = new ArrayList<>();
    private final List<IncomingFile> incoming = new ArrayList<>();

    Holders(Core core, List<Succession<FileHandler>> handlers, List<FlbMove> flbs) {
        this.core = core;
        this.handlers = handlers;
        this.flbs = flbs;
        for (OutgoingSessionImpl session : core.sessions().outgoing()) {
            session.files().stream().filter(this::concerns).forEach(outgoing::add);
        }
        for (IncomingSessionImpl session : core.sessions().incoming()) {
            session.files().stream().filter(this::concerns).forEach(incoming::add);
        }
    }

    private boolean concerns(OutgoingFile file) {
        return follower(file.slot) != null || flbs.stream().anyMatch(flb -> file.flbs.contains(flb.old()));
    }

    private boolean concerns(IncomingFile file) {
        return follower(file.slot) != null
                || flbs.stream().anyMatch(move -> file.flbs.stream().anyMatch(flb -> flb.slot() == from(move)));
    }

    private static Slot<Flb<?>> from(FlbMove move) {
        return move.flbs().from();
    }

    private Succession<FileHandler> follower(Slot<FileHandler> slot) {
        for (Succession<FileHandler> each : handlers) {
            if (each.from() == slot) {
                return each;
            }
        }
        return null;
    }

    /** The preserved files of a handler that is followed. */
    List<OutgoingFile> outgoing(Succession<FileHandler> handler) {
        return outgoing.stream().filter(file -> file.slot == handler.from()).toList();
    }

    /** These files in order. */
    List<OutgoingFile> inOrder(Set<OutgoingFile> these) {
        return outgoing.stream().filter(these::contains).toList();
    }

    /** What came over and is some followed handler's. */
    List<IncomingFile> incoming() {
        return incoming.stream().filter(file -> follower(file.slot) != null).toList();
    }

    int size() {
        return outgoing.size() + incoming.size();
    }

    /** How many files a handler keeps. */
    int of(Succession<FileHandler> handler) {
        return pinsOf(handler).size();
    }

    /** How many preserved files need an FLB that is followed, or will. */
    long countOf(FlbMove flb) {
        return outgoing.stream().filter(file -> willNeed(file, flb)).count();
    }

    private boolean willNeed(OutgoingFile file, FlbMove flb) {
        Succession<FileHandler> handler = follower(file.slot);
        return handler == null
                ? file.flbs.contains(flb.old())
                : handler.by().flbs().stream().anyMatch(name -> flb.flbs().by().canRead(name));
    }

    /** Whether files of handlers that stay need an FLB. */
    boolean isShared(FlbMove flb) {
        return outgoing.stream().anyMatch(file -> follower(file.slot) == null && file.flbs.contains(flb.old()));
    }

    /** What came over and is not finished goes on as it came, if it can. */
    void requireReadable() throws LuoException {
        for (IncomingFile file : incoming()) {
            Succession<FileHandler> handler = follower(file.slot);
            Compatible format = file.record.compatible();
            String what = "adopt " + file + " by " + handler.by() + ": ";
            if (!handler.by().canRead(format)) {
                throw LuoException.of(Errno.ENOENT, what + "it does not read " + format);
            }
            if (!handler.orphaned() && file.phase() == FileInfo.Phase.RETRIEVED) {
                throw LuoException.of(Errno.EBUSY, what + "it is retrieved and not finished");
            }
        }
    }

    List<Pins> pins() {
        return Stream.concat(
                        outgoing.stream().map(file -> file.pins),
                        incoming.stream().map(file -> file.pins))
                .toList();
    }

    List<Pins> pinsOf(Succession<FileHandler> handler) {
        return Stream.concat(
                        outgoing.stream()
                                .filter(file -> file.slot == handler.from())
                                .map(file -> file.pins),
                        incoming.stream()
                                .filter(file -> file.slot == handler.from())
                                .map(file -> file.pins))
                .toList();
    }

    /** What is not a moved file goes on with what follows what it had. @param moved those that have it already */
    void hand(Set<OutgoingFile> moved) {
        for (OutgoingFile file : outgoing) {
            if (!moved.contains(file)) {
                swapFlbs(file);
            }
        }
        for (IncomingFile file : incoming()) {
            Succession<FileHandler> handler = follower(file.slot);
            file.slot = handler.to();
            relate(file, Deserializer.needed(handler.by(), core.flbTable().incomingByName()));
        }
    }

    private void swapFlbs(OutgoingFile file) {
        Set<OutgoingFlb> now = new LinkedHashSet<>();
        List<OutgoingFlb> put = new ArrayList<>();
        for (OutgoingFlb flb : file.flbs) {
            FlbMove move = flbs.stream()
                    .filter(each -> each.old() == flb && each.staged() != null)
                    .findFirst()
                    .orElse(null);
            if (move != null) {
                put.add(flb);
            }
            now.add(move == null ? flb : move.staged());
        }
        file.flbs = List.copyOf(now);
        put.reversed().forEach(OutgoingFlb::putFile);
    }

    private static void relate(IncomingFile file, List<IncomingFlb> needed) {
        List<IncomingFlb> before = file.flbs;
        needed.stream().filter(flb -> !before.contains(flb)).forEach(IncomingFlb::addFile);
        file.flbs = needed;
        before.reversed().stream().filter(flb -> !needed.contains(flb)).forEach(IncomingFlb::putFile);
    }

    /** They need no bundle but their handlers', those of their FLBs, and the core's. */
    void keepNeededPins() {
        for (OutgoingFile file : outgoing) {
            file.pins.keepOnly(
                    needed(file.slot, file.flbs.stream().map(OutgoingFlb::slot).toList()));
        }
        for (IncomingFile file : incoming) {
            file.pins.keepOnly(
                    needed(file.slot, file.flbs.stream().map(IncomingFlb::slot).toList()));
        }
    }

    private Set<Long> needed(Slot<FileHandler> handler, List<Slot<Flb<?>>> needed) {
        Set<Long> bundles = new HashSet<>(Set.of(handler.latest().owner().bundle()));
        bundles.add(core.self().bundle());
        needed.forEach(flb -> bundles.add(flb.latest().owner().bundle()));
        return bundles;
    }
}
