// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.FlbInfo;
import org.luo.LuoException;
import org.luo.PluginStatus;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.spi.Flb;
import org.luo.spi.FlbReferences;

/** The objects of all FLBs, outgoing and incoming, and the counted references to them. */
final class FlbTable implements FlbReferences {
    private final Core core;
    private final Registry<Flb<?>> registry;
    private final Map<Compatible, OutgoingFlb> outgoing = new LinkedHashMap<>(); // guarded by itself
    private volatile Map<Compatible, IncomingFlb> incoming = Map.of();
    private volatile View view = View.NONE;

    FlbTable(Core core) {
        this.core = core;
        this.registry = core.flbs();
    }

    /** The outgoing FLBs with these names, in order, not counted yet. */
    List<OutgoingFlb> outgoing(List<Compatible> names) throws LuoException {
        if (names.isEmpty()) {
            return List.of();
        }
        List<OutgoingFlb> found = new ArrayList<>(names.size());
        for (Compatible name : names) {
            Slot<Flb<?>> slot = registry.reader(name);
            if (slot == null) {
                throw LuoException.of(Errno.ENODEV, "FLB " + name + " is needed and not there");
            }
            synchronized (outgoing) {
                OutgoingFlb flb = outgoing.get(slot.compatible());
                if (flb == null || flb.slot() != slot) {
                    flb = new OutgoingFlb(slot, core);
                    outgoing.put(slot.compatible(), flb);
                }
                found.add(flb);
            }
        }
        return found;
    }

    /** The object of this slot that some file or reference needs, or null. */
    OutgoingFlb present(Slot<Flb<?>> slot) {
        return outgoing().stream()
                .filter(flb -> flb.slot() == slot && flb.count() > 0)
                .findFirst()
                .orElse(null);
    }

    /** One object follows another. */
    void replace(OutgoingFlb old, OutgoingFlb by) {
        synchronized (outgoing) {
            outgoing.values().remove(old);
            if (by != null) {
                outgoing.put(by.slot().compatible(), by);
            }
        }
    }

    /**
     * What callbacks find first while what FLBs keep is moved, by the name they ask for.
     *
     * @param outgoing objects of files
     * @param incoming objects of what came over
     */
    record View(Map<Compatible, OutgoingFlb> outgoing, Map<Compatible, Object> incoming) {
        static final View NONE = new View(Map.of(), Map.of());
    }

    /** A step in an adoption. */
    @FunctionalInterface
    interface Step<E extends Exception> {
        void run() throws E;
    }

    /** Runs callbacks that find other objects than everybody else will. The gate is shut. */
    <E extends Exception> void showing(View other, Step<E> step) throws E {
        view = other;
        try (Undo undo = new Undo()) {
            undo.add(() -> view = View.NONE);
            step.run();
        }
    }

    Map<Compatible, IncomingFlb> incomingByName() {
        return incoming;
    }

    /** What the outgoing FLBs carry over, and those incoming ones that unclaimed files still need. */
    List<FlbRecord> freeze() throws LuoException {
        Map<Compatible, FlbRecord> records = new LinkedHashMap<>();
        for (OutgoingFlb flb : outgoing()) {
            FlbRecord record = flb.freeze();
            if (record != null) {
                records.put(record.compatible(), record);
            }
        }
        for (IncomingFlb flb : incoming.values()) {
            FlbRecord record = flb.carryOn();
            if (record != null && records.put(record.compatible(), record) != null) {
                throw LuoException.of(
                        Errno.EBUSY,
                        "FLB " + record.compatible()
                                + " is both preserved here and still incoming: finish its incoming sessions first");
            }
        }
        return List.copyOf(records.values());
    }

    /** Which FLBs would go over now. They change up to the freeze, so a draft has no more than their names. */
    List<FlbRecord> draft() {
        return carried().stream()
                .map(name -> new FlbRecord(name, Carried.of(new byte[0], List.of()), 1))
                .toList();
    }

    /** The formats that would be carried over now. */
    List<Compatible> carried() {
        return Stream.concat(
                        outgoing().stream()
                                .filter(flb -> flb.isNeeded())
                                .map(flb -> flb.slot().compatible()),
                        incoming().stream().filter(IncomingFlb::isNeeded).map(IncomingFlb::written))
                .distinct()
                .toList();
    }

    private List<OutgoingFlb> outgoing() {
        synchronized (outgoing) {
            return List.copyOf(outgoing.values());
        }
    }

    /** The successor has them. */
    void letGo() {
        outgoing().forEach(OutgoingFlb::letGo);
        incoming().forEach(IncomingFlb::letGo);
    }

    Collection<IncomingFlb> incoming() {
        return incoming.values();
    }

    void incoming(Map<Compatible, IncomingFlb> arrived) {
        incoming = arrived;
    }

    List<FlbInfo> infos() {
        List<FlbInfo> infos = new ArrayList<>();
        for (Slot<Flb<?>> slot : registry.slots()) {
            Registration<Flb<?>> current = slot.current();
            if (slot.isDead()) {
                continue;
            }
            long out = outgoing().stream()
                    .filter(f -> f.slot() == slot)
                    .mapToLong(OutgoingFlb::count)
                    .sum();
            long in = incoming().stream()
                    .filter(f -> f.slot() == slot)
                    .mapToLong(IncomingFlb::count)
                    .sum();
            infos.add(new FlbInfo(
                    slot.compatible(),
                    current == null ? "" : current.owner().name(),
                    out,
                    in,
                    current == null ? PluginStatus.ORPHANED : PluginStatus.ACTIVE));
        }
        registry.rejected()
                .forEach(r -> infos.add(new FlbInfo(r.compatible(), r.owner().name(), 0, 0, PluginStatus.REJECTED)));
        return infos;
    }

    /** The object of one that has followed the one of this name. */
    private OutgoingFlb reading(Compatible name) {
        Slot<Flb<?>> slot = registry.reader(name);
        return slot == null ? null : present(slot);
    }

    @Override
    public <T> Reference<T> outgoing(Flb<T> flb) throws LuoException {
        Compatible name = flb.compatible();
        core.gate().enterFromCallback();
        try {
            OutgoingFlb found;
            synchronized (outgoing) {
                found = outgoing.get(name);
            }
            found = view.outgoing().getOrDefault(name, found);
            if (found == null) {
                found = reading(name);
            }
            if (found == null) {
                throw LuoException.of(Errno.ENOENT, "outgoing FLB " + name + ": no preserved file needs it");
            }
            return new FlbReference<>(core.gate(), found.getReference(), found::putReference);
        } finally {
            core.gate().leave();
        }
    }

    @Override
    public <T> Reference<T> incoming(Flb<T> flb) throws LuoException {
        Compatible name = flb.compatible();
        core.gate().enterFromCallback();
        try {
            Object moved = view.incoming().get(name);
            if (moved != null) {
                return new FlbReference<>(core.gate(), moved, () -> {});
            }
            if (core.liveUpdates() == 0) {
                throw LuoException.of(Errno.ENODATA, "incoming FLB " + name + ": started cold");
            }
            IncomingFlb found = incoming.get(name);
            for (Compatible older : flb.reads()) {
                found = found == null ? incoming.get(older) : found;
            }
            if (found == null) {
                throw LuoException.of(Errno.ENOENT, "incoming FLB " + name + ": the predecessor did not hand it over");
            }
            return new FlbReference<>(core.gate(), found.getReference(), found::putReference);
        } finally {
            core.gate().leave();
        }
    }
}
