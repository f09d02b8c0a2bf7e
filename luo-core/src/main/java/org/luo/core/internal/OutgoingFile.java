// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;

/** A preserved file. Guarded by its session's lock, or by the shut gate. */
final class OutgoingFile {
    final SessionName session;
    final Token token;
    final int fd;
    final Slot<FileHandler> slot;
    final Pins pins;
    final long preservedAt = System.currentTimeMillis();

    // Set step by step while it is being preserved.
    FileIdentity identity;
    List<OutgoingFlb> flbs = List.of();

    /** What goes over. */
    Carried carried;

    boolean frozen;

    OutgoingFile(SessionName session, Token token, Core core, int fd, Slot<FileHandler> slot) {
        this.session = session;
        this.token = token;
        this.fd = fd;
        this.slot = slot;
        this.pins = new Pins(core, this);
    }

    /** Whether a plug-in that it needs is gone. */
    boolean isOrphaned() {
        return slot.current() == null
                || flbs.stream().anyMatch(flb -> flb.slot().current() == null);
    }

    /** Asks the handler for the final state. Undo: {@link #unfreeze}. */
    FileRecord freeze(FileDescriptors fds) throws LuoException {
        FileHandler handler = slot.require().service();
        PluginState last = carried.state();
        PluginState state = Callbacks.failing(this, "freeze", () -> handler.freeze(fd, last));
        try {
            carried = carried.with(state, fds);
        } catch (LuoException e) {
            Callbacks.unfailing(this, "unfreeze", () -> handler.unfreeze(fd, state));
            throw e;
        }
        frozen = true;
        return new FileRecord(slot.compatible(), token, carried);
    }

    /** Takes the freeze back; the state stays as frozen. */
    void unfreeze() {
        frozen = false;
        FileHandler handler = slot.latest().service();
        Callbacks.unfailing(this, "unfreeze", () -> handler.unfreeze(fd, carried.state()));
    }

    /** {@code vm1/0x1}: how holders of pins are named. */
    @Override
    public String toString() {
        return session + "/" + token;
    }
}
