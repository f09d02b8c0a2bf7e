// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.locks.ReentrantLock;
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

    private final Slot<Flb<?>> slot;
    private final FileDescriptors fds;
    private final FlbRecord record;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private long files;
    private long references;
    private Object object;
    private LuoException failure;
    private boolean finished;

    /** @throws LuoException EAGAIN if its plug-in is gone */
    IncomingFlb(FlbRecord record, Slot<Flb<?>> slot, FileDescriptors fds) throws LuoException {
        this.record = record;
        this.slot = slot;
        this.fds = fds;
        slot.use();
    }

    Slot<Flb<?>> slot() {
        return slot;
    }

    Compatible written() {
        return record.compatible();
    }

    /** Counts a file, while deserializing. */
    void addFile() {
        files++;
    }

    /** Takes deserializing back. The fds stay. */
    void discard() {
        slot.release();
    }

    /** Counts a reference. Undo: {@link #putReference}. */
    Object getReference() throws LuoException {
        if (lock.isHeldByCurrentThread()) {
            throw LuoException.of(Errno.EDEADLK, "FLB " + written() + " used in a callback of its own");
        }
        lock.lock();
        try {
            if (finished) {
                throw LuoException.of(Errno.ENODATA, "incoming FLB " + written() + ": finished");
            }
            retrieve();
            references++;
            return object;
        } finally {
            lock.unlock();
        }
    }

    void putReference() {
        lock.lock();
        try {
            references--;
            finishUnused();
        } finally {
            lock.unlock();
        }
    }

    void putFile() {
        lock.lock();
        try {
            files--;
            finishUnused();
        } finally {
            lock.unlock();
        }
    }

    private void retrieve() throws LuoException {
        if (failure != null) {
            throw failure;
        }
        if (object != null) {
            return;
        }
        Flb<?> flb = slot.require().service();
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

    /** Finishes it if nothing needs it any more. */
    @SuppressWarnings("unchecked")
    void finishUnused() {
        if (finished || files + references > 0) {
            return;
        }
        finished = true;
        try {
            retrieve();
            Flb<Object> flb = (Flb<Object>) slot.require().service();
            Callbacks.unfailing(slot, "finish", () -> flb.finish(object));
        } catch (LuoException e) {
            LOG.warn("incoming FLB {} cannot be finished, since it never came back: {}", written(), e.getMessage());
        }
        object = null;
        closeFds();
        slot.release();
    }

    /** The successor has it: closes the fds, calls nobody. */
    void letGo() {
        if (!finished) {
            closeFds();
        }
    }

    private void closeFds() {
        for (OpenFile file : record.carried().files()) {
            fds.close(file.fd());
        }
    }

    long count() {
        lock.lock();
        try {
            return finished ? 0 : files + references;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is carried on, for files that nobody claimed; null if it is finished.
     *
     * @throws LuoException EBUSY if it has been brought back here, so that its state may be out of date
     */
    FlbRecord carryOn() throws LuoException {
        lock.lock();
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
            lock.unlock();
        }
    }
}
