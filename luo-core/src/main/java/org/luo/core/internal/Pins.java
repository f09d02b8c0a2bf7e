// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
        pinAll(plugin, table, self, all);
        if (slot.current() != plugin) {
            throw LuoException.of(
                    Errno.EAGAIN, all.getFirst().holder + " needs " + slot + ": its service has just left");
        }
        return plugin;
    }

    /** As {@link #pin}, for a plug-in that does not have a slot yet, and maybe no holder. */
    static void pinAll(Registration<?> plugin, Core core, List<Pins> all) throws LuoException {
        if (!all.isEmpty()) {
            pinAll(plugin, core.pins(), core.self(), all);
        }
    }

    private static void pinAll(Registration<?> plugin, PinTable table, Owner self, List<Pins> all) throws LuoException {
        long bundle = plugin.owner().bundle();
        List<Long> needed = bundle == self.bundle() ? List.of(bundle) : List.of(bundle, self.bundle());
        List<Object> holders = new ArrayList<>(all.size());
        for (Pins pins : all) {
            holders.add(pins.holder);
        }
        try {
            table.pinAll(needed, holders);
        } catch (LeavingException e) {
            throw LuoException.of(Errno.EAGAIN, holders.getFirst() + " needs " + plugin + ": " + e.getMessage(), e);
        }
        for (Pins pins : all) {
            pins.bundles = pins.bundles.isEmpty() ? needed : union(pins.bundles, needed);
        }
    }

    /** The bundles that are pinned. */
    Set<Long> bundles() {
        return Set.copyOf(bundles);
    }

    /** Takes all pins away but those of these bundles. */
    void keepOnly(Set<Long> needed) {
        table.unpin(bundles.stream().filter(bundle -> !needed.contains(bundle)).toList(), holder);
        bundles = bundles.stream().filter(needed::contains).toList();
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
