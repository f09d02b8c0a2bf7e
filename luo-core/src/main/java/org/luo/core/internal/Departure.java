// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.CoreState.Dependency;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.ImageWriter;
import org.luo.handover.Door;
import org.luo.handover.Draft;
import org.luo.handover.FileName;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.handover.OutgoingSide;
import org.luo.handover.PassengerList;
import org.luo.handover.Substitute;
import org.luo.spi.FileHandler;

/**
 * The outgoing side of a live update.
 *
 * <p>Happy path: doors frozen · gate shut · sessions frozen in order of creation, files in order of preservation ·
 * subsystems · FLBs · image, whole or as the difference from a draft. If anything fails: subsystems are cancelled and what
 * was frozen is unfrozen, the failing session's files in order of preservation, then the sessions before it in reverse;
 * the gate opens again, then the doors.
 */
final class Departure implements OutgoingSide {
    private final Core core;
    private volatile FrozenCore frozen;
    private volatile DraftImpl latest;
    private volatile FileOrder order = FileOrder.NONE;

    /** In bytes. Tests make it short. */
    int longestImage = ImageWriter.MAX_BYTES;

    Departure(Core core) {
        this.core = core;
    }

    @Override
    public Map<Compatible, List<String>> needs() {
        Map<Compatible, List<String>> needs = new TreeMap<>();
        core.fileInfos()
                .forEach(file -> needs.computeIfAbsent(file.compatible(), c -> new ArrayList<>())
                        .add(file.session() + "/" + file.token()));
        core.flbTable()
                .carried()
                .forEach(flb ->
                        needs.computeIfAbsent(flb, c -> new ArrayList<>()).add("flb " + flb));
        return needs;
    }

    @Override
    public void ended(String name, long nanos) {
        core.events().tell(Type.UPDATE_PHASE, name, "ms", nanos / 1_000_000);
    }

    @Override
    public long liveUpdates() {
        return core.liveUpdates();
    }

    @Override
    public void rehearse() {
        Rehearsal.run();
        core.host().rehearse();
        core.doors().rehearse();
        for (Slot<FileHandler> slot : core.handlers().slots()) {
            Registration<FileHandler> handler = slot.current();
            if (handler != null) {
                Callbacks.unfailing(slot, "rehearse", handler.service()::rehearse);
            }
        }
    }

    @Override
    public DraftImpl draft() throws LuoException {
        latest = null;
        latest = new DraftImpl(core, longestImage);
        return latest;
    }

    @Override
    public PassengerList passengers() throws LuoException {
        return new PassengerListImpl(core, longestImage);
    }

    @Override
    public Frozen freeze() throws LuoException {
        return freeze(
                cargo -> new ImageWriter(ImageWriter.estimate(cargo.files()), longestImage).write(cargo.contents()));
    }

    @Override
    public Frozen freeze(Draft taken) throws LuoException {
        DraftImpl draft = latest;
        if (draft == null || taken != draft) {
            throw new IllegalArgumentException("not the latest draft of this orchestrator: " + taken);
        }
        return freeze(cargo -> draft.delta(cargo, longestImage));
    }

    @Override
    public Frozen freezeForKernel(Map<FileName, Substitute> left) throws LuoException {
        return freeze(cargo -> new ImageWriter(ImageWriter.estimate(cargo.files()), longestImage)
                .write(new KernelCrossing(core).of(cargo.contents(), left)));
    }

    /** How the image of what is frozen is written. */
    private interface Writing {
        Image write(Cargo cargo) throws LuoException;
    }

    private Frozen freeze(Writing writing) throws LuoException {
        core.gate().requireOutside();
        if (frozen != null) {
            throw LuoException.of(Errno.EBUSY, "freeze: everything is frozen already");
        }
        try (Undo undo = new Undo()) {
            undo.add(core.states()::takeBack);
            core.states().prepareIfNormal();
            if (core.states().state() == LiveUpdateState.FROZEN) {
                core.gate().takeOver();
                core.doors().freeze(door -> true);
            } else {
                stop(door -> true);
            }
            Cargo cargo = new Cargo(
                    core.liveUpdates() + 1,
                    core.sessions().outgoing(),
                    core.sessions().unclaimed(),
                    core.flbTable().freeze(),
                    core.doors().records(),
                    states());
            frozen = new FrozenCore(core, writing.write(cargo), cargo);
            undo.keep();
            return frozen;
        }
    }

    private List<StateRecord> states() {
        Map<SessionName, Integer> carried = new LinkedHashMap<>();
        core.sessions().unclaimed().forEach(session -> carried.put(session.name(), session.carried() + 1));
        List<StateRecord> states = new ArrayList<>(core.subsystems().records());
        List<Dependency> dependencies = new ArrayList<>(order.dependencies());
        core.sessions().unclaimed().forEach(session -> dependencies.addAll(session.dependencies()));
        states.addAll(core.states().clock().records(carried, dependencies));
        return states;
    }

    /** Makes everything final; it is prepared. Undo: {@link #unfreeze}, when the state is FROZEN. */
    void stop(Predicate<Door> doors) throws LuoException {
        core.states().clock().freezing();
        try (Undo undo = new Undo()) {
            // The doors first: what they have taken up passes the gate before that is shut.
            undo.add(core.doors()::unfreeze);
            core.doors().freeze(doors);
            core.gate().shut(core.patience());
            undo.add(core.gate()::open);
            Obstacles.refuse(core);
            freezeFiles(undo);
            undo.add(core.subsystems()::cancel);
            core.subsystems().freeze();
            core.states().move(LiveUpdateState.FROZEN);
            core.states().clock().froze();
            undo.keep();
        }
    }

    private void freezeFiles(Undo undo) throws LuoException {
        order = FileOrder.of(core);
        if (order.isNone()) {
            for (OutgoingSessionImpl session : core.sessions().outgoing()) {
                session.freeze();
                undo.add(session::unfreeze);
            }
        } else {
            undo.add(this::unfreezeInOrder);
            for (OutgoingFile file : order.files()) {
                file.freeze(core.fds());
            }
        }
    }

    /** What others depend on first. */
    private void unfreezeInOrder() {
        order.files().reversed().stream().filter(file -> file.frozen).forEach(OutgoingFile::unfreeze);
    }

    /** Takes back what is frozen, also what a handover failed to end: subsystems, sessions latest first, gate, doors. */
    void unfreeze() {
        FrozenCore left = frozen;
        if (left != null) {
            left.end();
            frozen = null;
        }
        core.gate().takeOver();
        core.subsystems().cancel();
        if (order.isNone()) {
            core.sessions().outgoing().reversed().forEach(OutgoingSessionImpl::unfreeze);
        } else {
            unfreezeInOrder();
        }
        order = FileOrder.NONE;
        core.states().move(LiveUpdateState.NORMAL);
        core.gate().open();
        core.doors().unfreeze();
    }
}
