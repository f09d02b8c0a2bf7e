// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.luo.Amount;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.Flb;

/**
 * What an FLB keeps on its way to the one that follows: the outgoing object is made anew from the old one's state, and
 * what came over goes on as it came. The gate is shut.
 *
 * <p>Happy path: retrieve and preserve by the new one · the files · finish by the new one · unpreserve by the old one,
 * once the last file has let it go. The retrieved object lives while the files are moved, as after a live update.
 */
final class FlbMove {
    private final Core core;
    private final Succession<Flb<?>> flbs;
    private final OutgoingFlb old;
    private final List<IncomingFlb> incoming;
    private OutgoingFlb staged;
    private Object arrived;

    FlbMove(Core core, Succession<Flb<?>> flbs) {
        this.core = core;
        this.flbs = flbs;
        this.old = core.flbTable().present(flbs.from());
        this.incoming = core.flbTable().incoming().stream()
                .filter(flb -> flb.slot() == flbs.from() && flb.isNeeded())
                .toList();
    }

    Succession<Flb<?>> flbs() {
        return flbs;
    }

    /** The outgoing object that is followed, or null if no file needs it. */
    OutgoingFlb old() {
        return old;
    }

    /** @param shared whether files need it whose handlers stay, which may hold on to the old object */
    void require(boolean shared) throws LuoException {
        flbs.require();
        String what = "adopt " + flbs.from() + " by " + flbs.by() + ": ";
        if (old != null && shared && old.references() > 0) {
            throw LuoException.of(
                    Errno.EBUSY, what + "its object is in use, by " + Amount.of(old.references(), "reference"));
        }
        if (!flbs.isWithin() && core.flbTable().present(flbs.to()) != null) {
            throw LuoException.of(Errno.EBUSY, what + "that one is preserved already");
        }
        for (IncomingFlb flb : incoming) {
            if (!flbs.by().canRead(flb.written())) {
                throw LuoException.of(Errno.ENOENT, what + "it does not read " + flb.written());
            }
            flb.requireMovable(flbs.orphaned());
        }
    }

    /** Makes the new object, for so many files. */
    @SuppressWarnings("unchecked")
    void stage(long files, Undo undo) throws LuoException {
        if (old == null || files == 0) {
            return;
        }
        Flb<?> flb = flbs.by().service();
        arrived = Callbacks.<Object>failing(
                flbs.by(),
                "retrieve",
                () -> flb.retrieve(flbs.from().compatible(), old.state()),
                late -> ((Flb<Object>) flb).finish(late));
        undo.add(this::finish);
        staged = new OutgoingFlb(flbs.to(), flbs.by(), core);
        staged.stage(files);
        undo.add(staged::discard);
    }

    @SuppressWarnings("unchecked")
    private void finish() {
        Callbacks.unfailing(flbs.by(), "finish", () -> ((Flb<Object>) flbs.by().service()).finish(arrived));
    }

    /** What the new plug-ins' callbacks find while files are moved. */
    static FlbTable.View seenByNew(List<FlbMove> moves) {
        Map<Compatible, OutgoingFlb> outgoing = new HashMap<>();
        Map<Compatible, Object> incoming = new HashMap<>();
        for (FlbMove move : moves) {
            if (move.staged != null) {
                outgoing.put(move.flbs.by().compatible(), move.staged);
                incoming.put(move.flbs.by().compatible(), move.arrived);
            }
        }
        return new FlbTable.View(outgoing, incoming);
    }

    /** What the old plug-ins' callbacks find once the new ones have the place. */
    static FlbTable.View seenByOld(List<FlbMove> moves) {
        Map<Compatible, OutgoingFlb> outgoing = new HashMap<>();
        for (FlbMove move : moves) {
            if (move.old != null) {
                outgoing.put(move.flbs.from().compatible(), move.old);
            }
        }
        return new FlbTable.View(outgoing, Map.of());
    }

    /** The object for files that need it; null before it is made. */
    OutgoingFlb staged() {
        return staged;
    }

    /** It is the new one's. What can't be done yet, the files' putting the old object, ends the old one's. */
    void hand() {
        if (staged != null) {
            finish();
            staged.settle();
        }
        if (old != null) {
            old.retire(flbs.orphaned() ? null : flbs.old());
            core.flbTable().replace(old, staged);
        }
        incoming.forEach(flb -> flb.moveTo(flbs.to()));
    }
}
