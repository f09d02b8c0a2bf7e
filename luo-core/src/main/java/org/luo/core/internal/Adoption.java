// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;

/**
 * Moves everything that some plug-ins keep to others that read their state: a live update in small. The gate is shut.
 *
 * <p>Happy path: new bundles pinned · FLBs' objects made anew · file by file frozen by the old handler, retrieved by the
 * new one, found to be the same file, finished and preserved by it · the plug-ins change places · all files let go by the
 * old handlers, latest first, and with them the old FLBs. Files that others depend on: all are frozen first, dependants
 * before what they depend on, those of other handlers too; then taken in reverse. Unhappy: whatever fails before the
 * plug-ins change places is taken back, latest first, and all is as before. What follows can't fail.
 */
final class Adoption {
    private final Core core;
    private final List<Succession<FileHandler>> handlers;
    private final List<Succession<Flb<?>>> places;
    private final List<FlbMove> flbs;
    private final Holders holders;
    private final List<FileMove> taken = new ArrayList<>();

    /** Files of other handlers that depend on those that move. */
    private final List<OutgoingFile> bystanders = new ArrayList<>();

    /** @param flbs those that change places too; others are followed because of what the handlers need */
    Adoption(Core core, List<Succession<FileHandler>> handlers, List<Succession<Flb<?>>> flbs) throws LuoException {
        this.core = core;
        this.handlers = handlers;
        this.places = flbs.stream().filter(each -> !each.orphaned()).toList();
        this.flbs = new SuccessionOfFlbs(core, handlers)
                .with(flbs).stream().map(each -> new FlbMove(core, each)).toList();
        this.holders = new Holders(core, handlers, this.flbs);
    }

    /** All or none; how many files of the handlers it were. */
    int run() throws LuoException {
        for (Succession<FileHandler> each : handlers) {
            each.require();
        }
        for (FlbMove flb : flbs) {
            flb.require(holders.isShared(flb));
        }
        holders.requireReadable();
        try (Undo undo = new Undo()) {
            pin(undo);
            for (FlbMove flb : flbs) {
                flb.stage(holders.countOf(flb), undo);
            }
            takeAll(undo);
            // Lock order: handlers' registry → FLBs'.
            core.handlers().replace(handlers, () -> core.flbs().replace(places, () -> {}));
            undo.keep();
        }
        hand();
        core.flbTable().showing(FlbMove.seenByOld(flbs), () -> taken.reversed().forEach(FileMove::letGo));
        bystanders.reversed().forEach(OutgoingFile::unfreeze);
        return holders.size();
    }

    private void pin(Undo undo) throws LuoException {
        for (Pins pins : holders.pins()) {
            Set<Long> before = pins.bundles();
            undo.add(() -> pins.keepOnly(before));
        }
        for (Succession<FileHandler> each : handlers) {
            Pins.pinAll(each.by(), core, holders.pinsOf(each));
            for (int left = each.isWithin() ? 0 : holders.of(each); left > 0; left--) {
                each.to().use();
                undo.add(each.to()::release);
            }
        }
        for (FlbMove flb : flbs) {
            Pins.pinAll(flb.flbs().by(), core, holders.pins());
        }
    }

    private void takeAll(Undo undo) throws LuoException {
        Map<OutgoingFile, FileMove> moves = new LinkedHashMap<>();
        for (Succession<FileHandler> each : handlers) {
            for (OutgoingFile file : holders.outgoing(each)) {
                moves.put(file, new FileMove(core, file, each, needed(file, each.by())));
            }
        }
        FileOrder order = FileOrder.ofPresent(core);
        if (order.isNone()) {
            for (OutgoingFile file : holders.inOrder(moves.keySet())) {
                moves.get(file).freeze(undo);
                take(moves.get(file), undo);
            }
            return;
        }
        List<OutgoingFile> concerned = order.withDependants(moves.keySet());
        for (OutgoingFile file : concerned) {
            freeze(file, moves.get(file), undo);
        }
        for (OutgoingFile file : concerned.reversed()) {
            if (moves.containsKey(file)) {
                take(moves.get(file), undo);
            }
        }
    }

    private void freeze(OutgoingFile file, FileMove move, Undo undo) throws LuoException {
        if (move != null) {
            move.freeze(undo);
        } else if (file.slot.current() != null) {
            file.freeze(core.fds());
            undo.add(file::unfreeze);
            bystanders.add(file);
        }
    }

    private void take(FileMove move, Undo undo) throws LuoException {
        core.flbTable().showing(FlbMove.seenByNew(flbs), () -> move.take(undo));
        taken.add(move);
    }

    /** The FLBs that a handler's files need, each with the new object if there is one; for orphans' too. */
    private List<OutgoingFlb> needed(OutgoingFile file, Registration<FileHandler> by) throws LuoException {
        if (by.flbs().isEmpty()) {
            return List.of();
        }
        Set<OutgoingFlb> needed = new LinkedHashSet<>();
        for (Compatible name : by.flbs()) {
            OutgoingFlb staged = flbs.stream()
                    .filter(flb -> flb.staged() != null && flb.flbs().by().canRead(name))
                    .map(FlbMove::staged)
                    .findFirst()
                    .orElse(null);
            needed.addAll(staged == null ? core.flbTable().outgoing(List.of(name)) : List.of(staged));
        }
        for (OutgoingFlb flb : needed) {
            if (!file.flbs.contains(flb) && !flb.isStaged()) {
                file.pins.pin(flb.slot());
            }
        }
        return List.copyOf(needed);
    }

    /** All is the new plug-ins'. */
    private void hand() {
        for (Succession<FileHandler> each : handlers) {
            for (int left = each.isWithin() ? 0 : holders.of(each); left > 0; left--) {
                each.from().release();
            }
        }
        flbs.forEach(FlbMove::hand);
        Set<OutgoingFile> moved = new HashSet<>();
        for (FileMove move : taken) {
            move.hand();
            moved.add(move.file());
        }
        holders.hand(moved);
        core.sessions().outgoing().forEach(OutgoingSessionImpl::adopted);
        handlers.forEach(each -> each.to().settled());
        holders.keepNeededPins();
        flbs.forEach(flb -> flb.flbs().to().settled());
    }
}
