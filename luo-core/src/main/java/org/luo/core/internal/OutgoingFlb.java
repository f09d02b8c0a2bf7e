// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.spi.FileDescriptors;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/**
 * The outgoing object of an FLB: there from the first file or reference to the last.
 *
 * <p>Its lock is held during the FLB's callbacks; it comes after a session's lock in the lock order.
 */
final class OutgoingFlb {
    private final Slot<Flb<?>> slot;
    private final Core core;
    private final FileDescriptors fds;
    private final Pins pins;
    private final FlbLock lock;

    // Guarded by lock; who counts looks without it, so that he waits for no callback.
    private volatile long files;
    private volatile long references;

    // Guarded by lock.
    private Object object;
    private Carried carried;

    /** Whose object it is while that is not the slot's plug-in: before it is handed over, and afterwards. */
    private Registration<Flb<?>> own;

    private boolean staged;
    private boolean abandoned;

    OutgoingFlb(Slot<Flb<?>> slot, Core core) {
        this(slot, null, core);
    }

    /** @param by the plug-in that is to have the slot */
    OutgoingFlb(Slot<Flb<?>> slot, Registration<Flb<?>> by, Core core) {
        this.own = by;
        this.slot = slot;
        this.core = core;
        this.fds = core.fds();
        this.pins = new Pins(core, this);
        this.lock = new FlbLock(slot.compatible());
    }

    /** Counts a file, preserving the object for the first. Undo: {@link #putFile}. */
    void getFile() throws LuoException {
        lock.enter();
        try {
            if (object == null) {
                preserve();
            } else {
                slot.require();
            }
            files++;
        } finally {
            lock.leave();
        }
    }

    void putFile() {
        lock.holding(() -> {
            files--;
            unpreserveUnused();
        });
    }

    /** Counts a reference, which pins the bundle as a file does. Undo: {@link #putReference}. */
    Object getReference() throws LuoException {
        lock.enter();
        try {
            if (object == null) {
                throw LuoException.of(
                        Errno.ENOENT, "outgoing FLB " + slot.compatible() + ": no preserved file needs it");
            }
            if (references == 0) {
                pins.pin(slot);
            }
            references++;
            return object;
        } finally {
            lock.leave();
        }
    }

    void putReference() {
        lock.holding(() -> {
            references--;
            unpreserveUnused();
            if (references == 0) {
                pins.drop();
            }
        });
    }

    /** Makes the object for files that will need it. Undo: {@link #discard}. The gate is shut. */
    void stage(long forFiles) throws LuoException {
        lock.enter();
        try {
            preserve();
            files = forFiles;
            staged = true;
        } finally {
            lock.leave();
        }
    }

    boolean isStaged() {
        return staged;
    }

    /** The files do not need it after all. */
    void discard() {
        lock.holding(() -> {
            files = 0;
            references = 0;
            unpreserveUnused();
        });
    }

    /** The slot is its plug-in's. */
    void settle() {
        own = null;
        staged = false;
    }

    /**
     * Another object follows; this one lives until the last file and reference has put it.
     *
     * @param last whose it is; null if that has left, so that nobody can let it go
     */
    void retire(Registration<Flb<?>> last) {
        lock.holding(() -> {
            own = last;
            abandoned = last == null;
            unpreserveUnused();
        });
    }

    private Registration<Flb<?>> plugin() {
        return own == null ? slot.latest() : own;
    }

    /** What would go over. The gate is shut. */
    PluginState state() {
        return carried.state();
    }

    long references() {
        return references;
    }

    private void preserve() throws LuoException {
        Registration<Flb<?>> current = slot.use();
        Registration<Flb<?>> flb = own == null ? current : own;
        try (Undo undo = new Undo()) {
            undo.add(slot::release);
            Flb.Preserved<?> preserved = Callbacks.<Flb.Preserved<?>>failing(
                    slot, "preserve", flb.service()::preserve, late -> unpreserve(flb.service(), late));
            undo.add(() -> unpreserve(flb.service(), preserved));
            if (preserved.object() == null || preserved.state() == null) {
                throw LuoException.of(Errno.EIO, "preserve of " + slot + " returned no object or no state");
            }
            ForeignFds.refuse(core, this, preserved.state(), -1);
            carried = Carried.of(preserved.state(), fds);
            object = preserved.object();
            undo.keep();
        }
    }

    private void unpreserveUnused() {
        if (object == null || files + references > 0) {
            return;
        }
        if (!abandoned) {
            unpreserve(plugin().service(), new Flb.Preserved<>(object, carried.state()));
        }
        object = null;
        carried = null;
        slot.release();
    }

    /** The successor has it, unless only references were left: waits for no plug-in, calls nobody any more. */
    void letGo() {
        lock.holding(() -> {
            if (files > 0) {
                files = 0;
                object = null;
                carried = null;
                slot.release();
            }
        });
    }

    @SuppressWarnings("unchecked")
    private void unpreserve(Flb<?> flb, Flb.Preserved<?> preserved) {
        Callbacks.unfailing(
                slot, "unpreserve", () -> ((Flb<Object>) flb).unpreserve(preserved.object(), preserved.state()));
    }

    Slot<Flb<?>> slot() {
        return slot;
    }

    /** Whether a file needs it, so that it goes over. */
    boolean isNeeded() {
        return files > 0;
    }

    /** @throws LuoException EBUSY if one of its callbacks hangs */
    void requireIdle() throws LuoException {
        lock.requireIdle();
    }

    long count() {
        return files + references;
    }

    /** What goes over; null if no file needs it. References alone do not carry it. */
    FlbRecord freeze() throws LuoException {
        lock.enter();
        try {
            if (files == 0) {
                return null;
            }
            slot.require();
            return new FlbRecord(slot.compatible(), carried, files);
        } finally {
            lock.leave();
        }
    }

    /** How the holder of its pin is named. */
    @Override
    public String toString() {
        return "flb " + slot.compatible();
    }
}
