// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Delta.ChangedFile;
import org.luo.spi.FileDependency;

/**
 * An outgoing session.
 *
 * <p>Lock order: gate → this session → FLB → leaves (session table, preserved files, pins).
 */
final class OutgoingSessionImpl implements OutgoingSession {
    /** What the kernel's block chain holds: 10,000 blocks of 63. */
    private static final int MAX_FILES = 630_000;

    private final SessionName name;
    private final Core core;
    private final SessionLock lock;

    /** Guarded by lock, or by the shut gate, and for changes by itself too, so that who lists it waits for no plug-in. */
    private final Map<Token, OutgoingFile> files = new LinkedHashMap<>();

    // Guarded by lock, or by the shut gate.
    private boolean closed;
    private long revision;
    private boolean asDrafted;

    OutgoingSessionImpl(SessionName name, Core core) {
        this.name = name;
        this.core = core;
        this.lock = new SessionLock(name, core);
    }

    @Override
    public SessionName name() {
        return name;
    }

    @Override
    public void preserve(int fd, Token token) throws LuoException {
        lock.enter();
        try {
            requireOpen();
            if (files.containsKey(token)) {
                throw LuoException.of(
                        Errno.EEXIST,
                        "preserve fd " + fd + " as " + name + "/" + token + ": the token is used in this session");
            }
            if (files.size() >= MAX_FILES) {
                throw LuoException.of(Errno.ENOSPC, "session '" + name + "' holds " + MAX_FILES + " files already");
            }
            OutgoingFile file = core.preserver().preserve(name, fd, token);
            synchronized (files) {
                files.put(token, file);
            }
            core.events().tell(Type.FILE_PRESERVED, file, "compatible", file.slot.compatible());
            revision++;
        } finally {
            lock.leave();
        }
    }

    @Override
    public void unpreserve(Token token) throws LuoException {
        lock.enter();
        try {
            requireOpen();
            OutgoingFile file = files.get(token);
            if (file == null) {
                throw LuoException.of(Errno.ENOENT, "unpreserve " + name + "/" + token + ": no such file");
            }
            Preserver.requirePlugins(file);
            unpreserve(file);
            synchronized (files) {
                files.remove(token);
            }
            revision++;
        } finally {
            lock.leave();
        }
    }

    @Override
    public void close() throws LuoException {
        if (!lock.enterToClose()) {
            return;
        }
        try {
            if (closed) {
                return;
            }
            for (OutgoingFile file : files.values()) {
                Preserver.requirePlugins(file);
            }
            List<OutgoingFile> latestFirst = new ArrayList<>(files.values()).reversed();
            latestFirst.forEach(this::unpreserve);
            synchronized (files) {
                files.clear();
            }
            closed = true;
            core.sessions().remove(this);
            core.events().tell(Type.SESSION_CLOSED, name, "direction", "outgoing");
        } finally {
            lock.leave();
        }
    }

    private void unpreserve(OutgoingFile file) {
        core.preserver().unpreserve(file);
        core.events().tell(Type.FILE_UNPRESERVED, file, "compatible", file.slot.compatible());
    }

    private void requireOpen() throws LuoException {
        if (closed) {
            throw LuoException.of(Errno.EBADF, "session '" + name + "' is closed");
        }
    }

    /**
     * This session in a draft.
     *
     * @param record what the draft says of it
     * @param revision how often files had come and gone
     */
    record Drafted(SessionRecord record, long revision) {}

    /** Looks at every file, so that the processors' caches have it. */
    void touch() {
        lock.ifIdle(() -> files.values().forEach(file -> file.touch(core.fds())));
    }

    /** What would go over now. Waits for a callback that is under way. */
    Drafted draft(DraftFds fds) throws LuoException {
        return lock.looking(() -> {
            asDrafted = false;
            List<FileRecord> records = new ArrayList<>(files.size());
            for (OutgoingFile file : files.values()) {
                records.add(file.draft(fds));
            }
            return new Drafted(new SessionRecord(name, records), revision);
        });
    }

    /** What is preserved now, with fds that stay open. Waits for a callback that is under way. */
    SessionRecord record(DraftFds fds) throws LuoException {
        return lock.looking(() -> {
            List<FileRecord> records = new ArrayList<>(files.size());
            for (OutgoingFile file : files.values()) {
                records.add(file.record(fds));
            }
            return new SessionRecord(name, records);
        });
    }

    /** Shows what is preserved now; nothing if it is closed. Waits for a callback that is under way, and at the gate. */
    void look(CrashImage.Records records) throws LuoException {
        lock.enter();
        try {
            if (!closed) {
                records.look(files.values().stream().map(OutgoingFile::record).toList());
            }
        } finally {
            lock.leave();
        }
    }

    /** Whether it has the same files as when a draft was made; their states may differ. The gate is shut. */
    boolean isAsIn(long drafted) {
        return drafted == revision;
    }

    /**
     * All files; what those depend on that may depend on others is added to what is asked.
     *
     * @param all whether orphans, whom nobody can be asked about, are refused
     */
    List<OutgoingFile> askForDependencies(Map<OutgoingFile, List<FileDependency>> asked, boolean all)
            throws LuoException {
        return lock.looking(() -> {
            for (OutgoingFile file : files.values()) {
                List<FileDependency> dependencies = all || FileOrder.canAsk(file) ? FileOrder.ask(file) : List.of();
                if (!dependencies.isEmpty()) {
                    asked.put(file, dependencies);
                }
            }
            return List.copyOf(files.values());
        });
    }

    /** Freezes all files in order; if one fails, those before it are unfrozen in the same order. The gate is shut. */
    void freeze() throws LuoException {
        try (Undo undo = new Undo()) {
            undo.add(this::unfreeze);
            int same = 0;
            for (OutgoingFile file : files.values()) {
                same += file.freeze(core.fds()) ? 1 : 0;
            }
            asDrafted = same == files.size();
            undo.keep();
        }
    }

    /** Some of its files have got another handler. The gate is shut. */
    void adopted() {
        revision++;
    }

    /** What goes over. The gate is shut. */
    SessionRecord record() {
        return new SessionRecord(
                name, files.values().stream().map(OutgoingFile::record).toList());
    }

    /** What goes over and is not as in the draft. The gate is shut. */
    List<ChangedFile> changed() {
        if (asDrafted) {
            return List.of();
        }
        List<ChangedFile> changed = new ArrayList<>();
        int index = 0;
        for (OutgoingFile file : files.values()) {
            if (file.carried != file.drafted) {
                boolean sameFiles = file.carried.files() == file.drafted.files();
                changed.add(new ChangedFile(index, file.carried, sameFiles));
            }
            index++;
        }
        return changed;
    }

    /** Unfreezes what is frozen, in order of preservation. The gate is shut. */
    void unfreeze() {
        asDrafted = false;
        for (OutgoingFile file : files.values()) {
            if (file.frozen) {
                file.unfreeze();
            }
        }
    }

    /** The files; to be used while the gate is shut. */
    Collection<OutgoingFile> files() {
        return files.values();
    }

    /** The files of this moment; waits for no callback. */
    private List<OutgoingFile> present() {
        synchronized (files) {
            return List.copyOf(files.values());
        }
    }

    /**
     * What can be seen of the files. Passes neither the gate nor the lock, so that it answers while a plug-in's callback
     * runs, and in a live update; what it shows of a file that is just changing may be a moment old.
     */
    List<FileInfo> infos() {
        return present().stream()
                .map(file -> new FileInfo(
                        name,
                        Direction.OUTGOING,
                        file.token,
                        file.slot.compatible(),
                        file.frozen ? FileInfo.Phase.FROZEN : FileInfo.Phase.PRESERVED,
                        core.fds().size(file.fd),
                        file.carried.state().data().length,
                        file.slot.owner(),
                        file.preservedAt))
                .toList();
    }

    /** The files whose plug-ins are gone. */
    List<String> orphans() {
        return present().stream()
                .filter(OutgoingFile::isOrphaned)
                .map(OutgoingFile::toString)
                .toList();
    }

    /** The file for which this fd is kept, or null. */
    Object holder(int fd) {
        synchronized (files) {
            return files.values().stream()
                    .filter(file -> file.fd == fd)
                    .findFirst()
                    .orElse(null);
        }
    }

    int size() {
        synchronized (files) {
            return files.size();
        }
    }

    @Override
    public String toString() {
        return "outgoing session '" + name + "'";
    }
}
