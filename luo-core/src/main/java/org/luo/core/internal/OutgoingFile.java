// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;

/**
 * A preserved file. Guarded by its session's lock, or by the shut gate. Who lists files looks without either, and may
 * see what was a moment ago; volatile fields would cost time in the blackout, and what they refer to does not change.
 */
final class OutgoingFile implements Suspect, Plugged {
    final SessionName session;
    final Token token;
    final int fd;
    final Pins pins;
    private final Core core;
    final long preservedAt = System.currentTimeMillis();

    // Set step by step while it is being preserved.
    Slot<FileHandler> slot;
    FileIdentity identity;
    List<OutgoingFlb> flbs = List.of();

    /** What goes over. */
    Carried carried;

    /** What a draft said, which may have been passed. */
    Carried drafted;

    boolean frozen;

    /** A callback of its handler that nobody waited for any longer, if there was one. */
    private volatile Progress hung;

    OutgoingFile(SessionName session, Token token, Core core, int fd, Slot<FileHandler> slot) {
        this.session = session;
        this.token = token;
        this.fd = fd;
        this.slot = slot;
        this.core = core;
        this.pins = new Pins(core, this);
    }

    /** Whether a plug-in that it needs is gone. */
    boolean isOrphaned() {
        return slot.current() == null
                || flbs.stream().anyMatch(flb -> flb.slot().current() == null);
    }

    @Override
    public void suspect(Progress by) {
        hung = by;
    }

    /** @throws LuoException EBUSY as long as a callback has not returned: callbacks of one file must not overlap */
    void requireIdle() throws LuoException {
        Progress by = hung;
        if (by == null) {
            return;
        }
        if (by.hangs()) {
            throw LuoException.of(Errno.EBUSY, this + ": " + by.callback() + " has not returned yet");
        }
        hung = null;
    }

    /** Asks the handler for the final state; whether it is as in the last draft. Undo: {@link #unfreeze}. */
    boolean freeze(FileDescriptors fds) throws LuoException {
        FileHandler handler = slot.require().service();
        PluginState last = carried.state();
        requireIdle();
        PluginState state =
                Callbacks.failing(this, "freeze", () -> handler.freeze(fd, last), late -> handler.unfreeze(fd, late));
        try {
            if (state != last && !state.fds().equals(last.fds())) {
                ForeignFds.refuse(core, this, state, fd);
            }
            carried = carried.with(state, fds);
        } catch (LuoException e) {
            Callbacks.unfailing(this, "unfreeze", () -> handler.unfreeze(fd, state));
            throw e;
        }
        frozen = true;
        return carried == drafted;
    }

    /** Looks at the file as the freeze will. */
    void touch(FileDescriptors fds) {
        try {
            slot.latest();
            carried.state().data().clone();
            fds.identity(fd);
        } catch (LuoException e) {
            // the freeze will tell
        }
    }

    /** What goes over. */
    FileRecord record() {
        return new FileRecord(slot.compatible(), token, carried);
    }

    /** What would go over now, in a draft. */
    FileRecord draft(DraftFds fds) throws LuoException {
        drafted = carried;
        return record(fds);
    }

    /** What would go over now, with fds that stay open. */
    FileRecord record(DraftFds fds) throws LuoException {
        return new FileRecord(slot.compatible(), token, fds.copy(carried, fd));
    }

    /** Takes the freeze back; the state stays as frozen. */
    void unfreeze() {
        frozen = false;
        FileHandler handler = slot.latest().service();
        Callbacks.unfailing(this, "unfreeze", () -> handler.unfreeze(fd, carried.state()));
    }

    /** Another handler preserves it from now on, and its freeze by the one before is of no account. */
    void adopted(Slot<FileHandler> by, Carried state, List<OutgoingFlb> needed) {
        slot = by;
        carried = state;
        flbs = needed;
        frozen = false;
    }

    @Override
    public Slot<?> slot() {
        return slot;
    }

    /** {@code vm1/0x1}: how holders of pins are named. */
    @Override
    public String toString() {
        return session + "/" + token;
    }
}
