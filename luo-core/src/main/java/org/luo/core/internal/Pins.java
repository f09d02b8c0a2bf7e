// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.pin.LeavingException;
import org.luo.pin.PinTable;

/** The bundles that one holder keeps from leaving: the core's own, and those of the plug-ins it uses. */
final class Pins {
    private final PinTable table;
    private final Owner self;
    private final Object holder;
    private List<Long> bundles = List.of();

    /** @param holder a file, or an FLB in use; prints as its name */
    Pins(Core core, Object holder) {
        this.table = core.pins();
        this.self = core.self();
        this.holder = holder;
    }

    /**
     * Pins a slot's bundle. The plug-in returned is the one whose bundle is pinned: it may have changed, or gone with
     * its bundle, in the moment before.
     *
     * <p>Undo: {@link #drop}.
     *
     * @throws LuoException EAGAIN if the plug-in is gone or its bundle is leaving
     */
    <S> Registration<S> pin(Slot<S> slot) throws LuoException {
        return pinAll(slot, table, self, List.of(this));
    }

    /** As {@link #pin}, for many holders at once: all or none. */
    static <S> Registration<S> pinAll(Slot<S> slot, Core core, List<Pins> all) throws LuoException {
        return pinAll(slot, core.pins(), core.self(), all);
    }

    private static <S> Registration<S> pinAll(Slot<S> slot, PinTable table, Owner self, List<Pins> all)
            throws LuoException {
        Registration<S> plugin = slot.require();
        long bundle = plugin.owner().bundle();
        List<Long> needed = bundle == self.bundle() ? List.of(bundle) : List.of(bundle, self.bundle());
        List<Object> holders = new ArrayList<>(all.size());
        for (Pins pins : all) {
            holders.add(pins.holder);
        }
        try {
            table.pinAll(needed, holders);
        } catch (LeavingException e) {
            throw LuoException.of(Errno.EAGAIN, holders.getFirst() + " needs " + slot + ": " + e.getMessage(), e);
        }
        for (Pins pins : all) {
            pins.bundles = pins.bundles.isEmpty() ? needed : union(pins.bundles, needed);
        }
        if (slot.current() != plugin) {
            throw LuoException.of(Errno.EAGAIN, holders.getFirst() + " needs " + slot + ": its service has just left");
        }
        return plugin;
    }

    /** Takes all pins away. */
    void drop() {
        table.unpin(bundles, holder);
        bundles = List.of();
    }

    private static List<Long> union(List<Long> some, List<Long> more) {
        return Stream.concat(some.stream(), more.stream()).distinct().toList();
    }
}
