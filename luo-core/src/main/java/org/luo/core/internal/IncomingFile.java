// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Delta.ChangedFile;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** A file that came over. Guarded by its session's lock. */
final class IncomingFile implements Plugged {
    final SessionName session;
    final Pins pins;
    final long arrivedAt = System.currentTimeMillis();

    // Set while deserializing.
    Slot<FileHandler> slot;
    FileRecord record;
    List<IncomingFlb> flbs = List.of();

    // Volatile for those who list files while a plug-in's callback runs.
    private volatile Retrieval retrieval = Retrieval.never();
    private volatile LuoException failure;
    private FileIdentity identity;

    IncomingFile(SessionName session, FileRecord record, Slot<FileHandler> slot, Core core) {
        this.session = session;
        this.record = record;
        this.slot = slot;
        this.pins = new Pins(core, this);
    }

    /** Takes its deserializing back; its fds stay. */
    void discard() {
        pins.drop();
        slot.release();
    }

    /** The draft has it otherwise. What it had there and has no more are fds to be closed. */
    void change(ChangedFile changed, IntConsumer unused) {
        Carried drafted = record.carried();
        Carried now = changed.carried();
        if (changed.sameFiles()) {
            now = Carried.of(now.state().data(), drafted.files());
        } else {
            drafted.files().stream().mapToInt(OpenFile::fd).forEach(unused);
        }
        record = new FileRecord(record.compatible(), record.token(), now);
    }

    /** Of the file itself, if it is retrieved or came as the one fd of its state; in bytes. */
    long size(Core core) {
        List<Integer> fds = record.carried().state().fds();
        if (retrieval.retrieved()) {
            return core.fds().size(retrieval.fd());
        }
        return fds.size() == 1 ? core.fds().size(fds.getFirst()) : 0;
    }

    /** A new fd of the file; the handler is asked the first time, and its failure remembered. */
    int retrieve(Core core) throws LuoException {
        requireRetrieved(core);
        Progress.mine().call().requireInTime(); // it is back, for whoever asks next
        return core.fds().duplicate(retrieval.fd());
    }

    /** The handler is asked, unless it was before. */
    void requireRetrieved(Core core) throws LuoException {
        if (failure != null) {
            throw failure;
        }
        if (!retrieval.retrieved()) {
            FileHandler handler = slot.require().service();
            try {
                bringBack(core, handler);
                core.events().tell(Type.FILE_RETRIEVED, this, "compatible", record.compatible());
            } catch (LuoException e) {
                failure = e;
                retrieval = Retrieval.failed(e.errno());
                throw e;
            }
        }
    }

    private void bringBack(Core core, FileHandler handler) throws LuoException {
        try (Undo undo = new Undo()) {
            int fd = Callbacks.failing(
                    this,
                    "retrieve",
                    () -> handler.retrieve(record.compatible(), record.carried().state()));
            if (fd < 0) {
                throw LuoException.of(Errno.EIO, "retrieve of " + this + " returned fd " + fd);
            }
            if (!record.carried().state().fds().contains(fd)) {
                ForeignFds.refuseRetrieved(core, this, fd);
                undo.add(() -> core.fds().close(fd));
            }
            FileIdentity found = Callbacks.failing(this, "identity", () -> handler.identity(fd));
            core.preserved().add(found, this);
            identity = found;
            retrieval = Retrieval.of(fd);
            undo.keep();
        }
    }

    /** @throws LuoException EAGAIN if a plug-in that would have to be called is gone */
    void requirePlugins() throws LuoException {
        slot.require();
        for (IncomingFlb flb : flbs) {
            flb.slot().require();
            flb.requireIdle();
        }
    }

    /** @throws LuoException EBUSY if the handler does not let it go */
    void requireFinishable() throws LuoException {
        FileHandler handler = slot.require().service();
        Verdict verdict = Callbacks.failing(
                this, "canFinish", () -> handler.canFinish(record.carried().state(), retrieval));
        Progress.mine().call().requireInTime();
        if (!verdict.ok()) {
            throw LuoException.of(Errno.EBUSY, "finish " + this + ": " + verdict.reason());
        }
    }

    /** Ends its preservation; cannot fail. */
    void finish(Core core) {
        FileHandler handler = slot.latest().service();
        Callbacks.unfailing(
                this, "finish", () -> handler.finish(record.carried().state(), retrieval));
        flbs.reversed().forEach(IncomingFlb::putFile);
        if (identity != null) {
            core.preserved().remove(identity, this);
        }
        pins.drop();
        slot.release();
        closeFds(core);
    }

    void closeFds(Core core) {
        Set<Integer> fds = new LinkedHashSet<>();
        record.carried().files().stream().map(OpenFile::fd).forEach(fds::add);
        if (retrieval.retrieved()) {
            fds.add(retrieval.fd());
        }
        fds.forEach(core::close);
    }

    /** Whether this fd is kept for it. */
    boolean has(int fd) {
        return retrieval.fd() == fd || record.carried().files().stream().anyMatch(file -> file.fd() == fd);
    }

    FileInfo.Phase phase() {
        if (failure != null) {
            return FileInfo.Phase.FAILED;
        }
        return retrieval.retrieved() ? FileInfo.Phase.RETRIEVED : FileInfo.Phase.DESERIALIZED;
    }

    @Override
    public Slot<?> slot() {
        return slot;
    }

    /** {@code vm1/0x1}: how holders of pins are named. */
    @Override
    public String toString() {
        return session + "/" + record.token();
    }
}
