// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.PluginStatus;
import org.luo.RejectedPlugin;
import org.luo.SubsystemInfo;
import org.luo.SubsystemInfo.Phase;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.Contents.StateRecord.Role;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.PluginState;
import org.luo.spi.Subsystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subsystems: those registered, those that take part in the update under way, and the states that came over and are
 * not finished. A state that no subsystem takes is kept for one that comes late, and goes on with the next live update.
 *
 * <p>The state machine calls one method at a time, but for those that look.
 */
public final class Subsystems {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    /** An image holds 63 named states; doors and the core's own want a place too. */
    private static final int MOST = 48;

    private final Core core;
    private final Registry<Subsystem> registry;
    private volatile List<Participant> participants = List.of();
    private final Map<Compatible, StateRecord> inherited = new LinkedHashMap<>(); // guarded by itself

    /** For people; asked once, since listing must not wait for a plug-in. */
    private final Map<Subsystem, String> kinds = Collections.synchronizedMap(new IdentityHashMap<>());

    Subsystems(Core core) {
        this.core = core;
        this.registry = new Registry<>("subsystem", MOST, core.events());
    }

    /** As {@link #add(Registration)}, of one whose constants have yet to be read. */
    void add(Subsystem subsystem, Owner owner) throws LuoException {
        registry.add(subsystem, owner, () -> register(subsystem, owner));
        core.states().settlement().settle();
    }

    private Registration<Subsystem> register(Subsystem subsystem, Owner owner) throws LuoException {
        Registration<Subsystem> registration = Registration.of(subsystem, owner);
        kinds.put(subsystem, kind(registration));
        return registration;
    }

    /** A subsystem has come; if its state came over and the others are finished already, it is finished at once. */
    public void add(Registration<Subsystem> registration) throws LuoException {
        kinds.put(registration.service(), kind(registration));
        registry.add(registration);
        core.states().settlement().settle();
    }

    /** A subsystem has gone. */
    public void remove(Subsystem subsystem) {
        registry.remove(subsystem);
        kinds.remove(subsystem);
    }

    /** Prepares all in their order, or none. */
    void prepare() throws LuoException {
        List<Slot<Subsystem>> present =
                registry.slots().stream().filter(slot -> slot.current() != null).toList();
        if (present.isEmpty()) {
            return;
        }
        List<Participant> prepared = new ArrayList<>();
        try (Undo undo = new Undo()) {
            for (Slot<Subsystem> slot : SubsystemOrder.of(present)) {
                Participant participant = new Participant(slot, core);
                participant.prepare();
                prepared.add(participant);
                undo.add(participant::cancel);
            }
            undo.keep();
        }
        participants = List.copyOf(prepared);
    }

    /** Freezes all in their order. Undo, also when it throws: {@link #cancel}. */
    void freeze() throws LuoException {
        for (Participant participant : participants) {
            participant.freeze();
        }
    }

    /** What goes over: nothing of those that have nothing to say, so that the successor has nothing to finish. */
    List<StateRecord> records() {
        synchronized (inherited) {
            return Stream.concat(
                            participants.stream().map(Participant::record).filter(record -> !isEmpty(record)),
                            inherited.values().stream())
                    .toList();
        }
    }

    /** Takes everything back, latest first. */
    void cancel() {
        while (!participants.isEmpty()) { // one by one, since somebody else goes on if one hangs
            Participant last = participants.getLast();
            participants = participants.subList(0, participants.size() - 1);
            last.cancel();
        }
    }

    void inherit(List<StateRecord> records) {
        synchronized (inherited) {
            records.stream()
                    .filter(record -> record.role() == Role.SUBSYSTEM)
                    .forEach(record -> inherited.put(record.name(), record));
        }
    }

    boolean hasInherited() {
        synchronized (inherited) {
            return !inherited.isEmpty();
        }
    }

    /** Tells everyone that the update is over, in the reverse of the order in which they freeze. */
    void finish() {
        for (Slot<Subsystem> slot : inOrder().reversed()) {
            finish(slot);
        }
        synchronized (inherited) {
            inherited.keySet().forEach(name -> LOG.warn("nothing takes the state of subsystem {}: kept", name));
        }
    }

    /** Whether one came after the others were finished, and its state is still here. */
    boolean isLate() {
        return late().findAny().isPresent();
    }

    /** Finishes those that came after the others were finished. */
    void finishLate() {
        late().toList().forEach(this::finish);
    }

    private Stream<Slot<Subsystem>> late() {
        synchronized (inherited) {
            return inherited.isEmpty()
                    ? Stream.empty()
                    : registry.slots().stream()
                            .filter(slot -> slot.current() != null)
                            .filter(slot -> inherited.containsKey(slot.compatible()))
                            .toList()
                            .stream();
        }
    }

    private void finish(Slot<Subsystem> slot) {
        Registration<Subsystem> current = slot.current();
        if (current == null) {
            return;
        }
        StateRecord record;
        synchronized (inherited) {
            record = inherited.remove(slot.compatible());
        }
        Optional<StateRecord> found = Optional.ofNullable(record);
        try {
            Callbacks.unfailing(
                    "subsystem " + slot,
                    "finish",
                    () -> current.service().finish(found.map(r -> r.carried().state())));
        } finally {
            found.ifPresent(this::closeFds);
        }
    }

    private void closeFds(StateRecord record) {
        record.carried().files().stream().mapToInt(OpenFile::fd).forEach(core.fds()::close);
    }

    private List<Slot<Subsystem>> inOrder() {
        List<Slot<Subsystem>> present =
                registry.slots().stream().filter(slot -> slot.current() != null).toList();
        try {
            return SubsystemOrder.of(present);
        } catch (LuoException e) {
            LOG.warn("{}; finishing in the order of registration", e.getMessage());
            return present;
        }
    }

    /** Lets go of what the successor has. */
    void letGo() {
        participants.forEach(Participant::letGo);
        participants = List.of();
        synchronized (inherited) {
            inherited.values().forEach(this::closeFds);
            inherited.clear();
        }
    }

    List<SubsystemInfo> infos() {
        List<SubsystemInfo> infos = new ArrayList<>();
        Map<Compatible, StateRecord> waiting;
        synchronized (inherited) {
            waiting = new LinkedHashMap<>(inherited);
        }
        for (Slot<Subsystem> slot : registry.slots()) {
            if (!slot.isDead()) {
                infos.add(info(slot, Optional.ofNullable(waiting.remove(slot.compatible()))));
            }
        }
        registry.rejected()
                .forEach(r -> infos.add(new SubsystemInfo(
                        r.compatible().text(),
                        kinds.getOrDefault(r.service(), ""),
                        r.owner().name(),
                        Phase.IDLE,
                        0,
                        PluginStatus.REJECTED)));
        waiting.forEach((name, record) ->
                infos.add(new SubsystemInfo(name.text(), "", "", Phase.UPDATED, bytes(record), PluginStatus.ORPHANED)));
        return infos;
    }

    private SubsystemInfo info(Slot<Subsystem> slot, Optional<StateRecord> came) {
        Optional<Participant> here =
                participants.stream().filter(p -> p.slot() == slot).findFirst();
        Registration<Subsystem> current = slot.current();
        Phase phase = here.map(Participant::phase).orElse(came.isPresent() ? Phase.UPDATED : Phase.IDLE);
        int bytes = here.map(Participant::stateBytes)
                .orElse(came.map(Subsystems::bytes).orElse(0));
        return new SubsystemInfo(
                slot.compatible().text(),
                current == null ? "" : kinds.getOrDefault(current.service(), ""),
                current == null ? "" : current.owner().name(),
                phase,
                bytes,
                current == null ? PluginStatus.ORPHANED : PluginStatus.ACTIVE);
    }

    /** Empty if it cannot say. */
    private static String kind(Registration<Subsystem> registration) {
        try {
            return Callbacks.failing("a subsystem", "kind", registration.service()::kind)
                    .name()
                    .toLowerCase(Locale.ROOT);
        } catch (LuoException e) {
            return "";
        }
    }

    List<RejectedPlugin> refusals() {
        return registry.refusals();
    }

    private static boolean isEmpty(StateRecord record) {
        return record.carried().state().equals(PluginState.empty());
    }

    private static int bytes(StateRecord record) {
        return record.carried().state().data().length;
    }
}
