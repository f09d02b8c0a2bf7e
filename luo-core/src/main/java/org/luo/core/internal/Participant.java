// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.LuoException;
import org.luo.SubsystemInfo.Phase;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.Contents.StateRecord.Role;
import org.luo.spi.FileDescriptors;
import org.luo.spi.PluginState;
import org.luo.spi.Subsystem;

/** A subsystem that takes part in a live update, from prepare to cancel. Used by one thread at a time. */
final class Participant implements Suspect {
    private final Slot<Subsystem> slot;
    private final Pins pins;
    private final Core core;
    private final FileDescriptors fds;
    private volatile Carried carried;
    private volatile Phase phase = Phase.IDLE;
    private volatile Progress hung;

    Participant(Slot<Subsystem> slot, Core core) {
        this.slot = slot;
        this.pins = new Pins(core, this);
        this.core = core;
        this.fds = core.fds();
    }

    @Override
    public void suspect(Progress by) {
        hung = by;
    }

    /** Undo: {@link #cancel}. */
    void prepare() throws LuoException {
        slot.use();
        try (Undo undo = new Undo()) {
            undo.add(slot::release);
            undo.add(pins::drop);
            Subsystem subsystem = pins.pin(slot).service();
            PluginState state = Callbacks.failing(this, "prepare", subsystem::prepare, subsystem::cancel);
            undo.add(() -> Callbacks.unfailing(this, "cancel", () -> subsystem.cancel(state)));
            ForeignFds.refuse(core, this, state, -1);
            carried = Carried.of(state, fds);
            phase = Phase.PREPARED;
            undo.keep();
        }
    }

    /** Makes the state final. Undo: {@link #cancel}. */
    void freeze() throws LuoException {
        Subsystem subsystem = slot.require().service();
        PluginState prepared = carried.state();
        PluginState state = Callbacks.failing(this, "freeze", () -> subsystem.freeze(prepared), subsystem::cancel);
        carried = carried.with(state, fds);
        phase = Phase.FROZEN;
    }

    /** Takes everything back; the plug-in may have left just now. */
    void cancel() {
        Subsystem subsystem = slot.latest().service();
        if (hung == null) { // else it is cancelled when it returns
            Callbacks.unfailing(this, "cancel", () -> subsystem.cancel(carried.state()));
        }
        letGo();
    }

    /** Takes the pin away, since the update has happened. */
    void letGo() {
        pins.drop();
        slot.release();
    }

    Slot<Subsystem> slot() {
        return slot;
    }

    Phase phase() {
        return phase;
    }

    int stateBytes() {
        return carried.state().data().length;
    }

    StateRecord record() {
        return new StateRecord(Role.SUBSYSTEM, slot.compatible(), carried);
    }

    /** How the holder of its pin is named. */
    @Override
    public String toString() {
        return "subsystem " + slot.compatible();
    }
}
