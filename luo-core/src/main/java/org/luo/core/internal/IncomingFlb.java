// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileDescriptors;
import org.luo.spi.Flb;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The incoming object of an FLB: brought back on first use, or at the latest when the last file that needs it is
 * finished, so that {@code finish} always runs, once.
 *
 * <p>Its lock is held during the FLB's callbacks; it comes after a session's lock in the lock order.
 */
final class IncomingFlb {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final FileDescriptors fds;
    private final Pins pins;
    private final FlbLock lock;

    /** Changed while the gate is shut. */
    private volatile Slot<Flb<?>> slot;

    /** Set while deserializing. */
    private FlbRecord record;

    // Guarded by lock; who counts looks without it, so that he waits for no callback.
    private volatile long files;
    private volatile long references;
    private volatile boolean finished;

    // Guarded by lock.
    private Object object;
    private LuoException failure;

    /** @throws LuoException EAGAIN if its plug-in is gone */
    IncomingFlb(FlbRecord record, Slot<Flb<?>> slot, Core core) throws LuoException {
        this.record = record;
        this.slot = slot;
        this.fds = core.fds();
        this.pins = new Pins(core, this);
        this.lock = new FlbLock(record.compatible());
        slot.use();
    }

    Slot<Flb<?>> slot() {
        return slot;
    }

    /** Whether its plug-in is what is asked for by this name. */
    boolean reads(Compatible name) {
        return slot.latest().canRead(name);
    }

    Compatible written() {
        return record.compatible();
    }

    /** Counts a file, while deserializing. */
    void addFile() {
        files++;
    }

    /** Counts a file no more, while deserializing: it was in the draft only. */
    void removeFile() {
        files--;
    }

    /** What came over after all; the draft only had a name. While deserializing. */
    void arrive(FlbRecord arrived) {
        record = arrived;
    }

    /** Takes deserializing back. The fds stay. */
    void discard() {
        slot.release();
    }

    /** Counts a reference, which pins the bundle as a file does. Undo: {@link #putReference}. */
    Object getReference() throws LuoException {
        lock.enter();
        try {
            if (finished) {
                throw LuoException.of(Errno.ENODATA, "incoming FLB " + written() + ": finished");
            }
            retrieve(false);
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
            finishUnused();
            if (references == 0) {
                pins.drop();
            }
        });
    }

    void putFile() {
        lock.holding(() -> {
            files--;
            finishUnused();
        });
    }

    /** Finishes it if no file needs it, when serving begins. */
    void finishIfUnused() {
        lock.holding(this::finishUnused);
    }

    /** @param atLast whether it can't wait for a plug-in that has left */
    private void retrieve(boolean atLast) throws LuoException {
        if (failure != null) {
            throw failure;
        }
        if (object != null) {
            return;
        }
        Flb<?> flb = (atLast ? slot.latest() : slot.require()).service();
        try {
            object = Callbacks.failing(
                    slot,
                    "retrieve",
                    () -> flb.retrieve(written(), record.carried().state()));
        } catch (LuoException e) {
            failure = e;
            throw e;
        }
    }

    @SuppressWarnings("unchecked")
    private void finishUnused() {
        if (finished || files + references > 0) {
            return;
        }
        finished = true;
        try {
            retrieve(true);
            Flb<Object> flb = (Flb<Object>) slot.latest().service();
            Callbacks.unfailing(slot, "finish", () -> flb.finish(object));
        } catch (LuoException e) {
            LOG.warn("incoming FLB {} cannot be finished, since it never came back: {}", written(), e.getMessage());
        }
        object = null;
        closeFds();
        slot.release();
    }

    /** The successor has it, unless only references were left: closes the fds, waits for no plug-in, calls nobody any more. */
    void letGo() {
        lock.holding(() -> {
            if (!finished && files > 0) {
                finished = true;
                closeFds();
                slot.release();
            }
        });
    }

    private void closeFds() {
        for (OpenFile file : record.carried().files()) {
            fds.close(file.fd());
        }
    }

    /** @throws LuoException EBUSY if it has been brought back, or is referred to, by a plug-in that is there */
    void requireMovable(boolean orphaned) throws LuoException {
        if (references > 0 || object != null && !orphaned) {
            throw LuoException.of(
                    Errno.EBUSY, "incoming FLB " + written() + " is in use here: finish its sessions first");
        }
    }

    /** Another plug-in brings it back. The gate is shut. */
    void moveTo(Slot<Flb<?>> to) {
        lock.holding(() -> {
            object = null; // of a plug-in that has left
            if (to != slot) {
                Slot<Flb<?>> from = slot;
                slot = to;
                to.count();
                from.release();
            }
        });
    }

    /** Whether a file needs it, so that it would be carried on. */
    boolean isNeeded() {
        return !finished && files > 0;
    }

    /** @throws LuoException EBUSY if one of its callbacks hangs */
    void requireIdle() throws LuoException {
        lock.requireIdle();
    }

    long count() {
        return finished ? 0 : files + references;
    }

    /**
     * What is carried on, for files that nobody claimed; null if it is finished.
     *
     * @throws LuoException EBUSY if it has been brought back here, so that its state may be out of date
     */
    FlbRecord carryOn() throws LuoException {
        lock.enter();
        try {
            if (finished || files == 0) {
                return null;
            }
            if (object != null) {
                throw LuoException.of(
                        Errno.EBUSY,
                        "incoming FLB " + written()
                                + " is in use here and cannot be carried on: finish its sessions first");
            }
            return new FlbRecord(written(), record.carried(), files);
        } finally {
            lock.leave();
        }
    }

    /** How the holder of its pin is named. */
    @Override
    public String toString() {
        return "flb " + written();
    }
}
