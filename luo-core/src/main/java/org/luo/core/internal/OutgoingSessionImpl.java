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
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.SessionRecord;

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

    // Guarded by lock, or by the shut gate.
    private final Map<Token, OutgoingFile> files = new LinkedHashMap<>();
    private boolean closed;

    OutgoingSessionImpl(SessionName name, Core core) {
        this.name = name;
        this.core = core;
        this.lock = new SessionLock(name, core.gate());
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
            files.put(token, core.preserver().preserve(name, fd, token));
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
            core.preserver().unpreserve(file);
            files.remove(token);
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
            latestFirst.forEach(core.preserver()::unpreserve);
            files.clear();
            closed = true;
            core.sessions().remove(this);
        } finally {
            lock.leave();
        }
    }

    private void requireOpen() throws LuoException {
        if (closed) {
            throw LuoException.of(Errno.EBADF, "session '" + name + "' is closed");
        }
    }

    /** Freezes all files in order; if one fails, those before it are unfrozen in the same order. The gate is shut. */
    SessionRecord freeze() throws LuoException {
        try (Undo undo = new Undo()) {
            undo.add(this::unfreeze);
            List<FileRecord> records = new ArrayList<>(files.size());
            for (OutgoingFile file : files.values()) {
                records.add(file.freeze(core.fds()));
            }
            undo.keep();
            return new SessionRecord(name, records);
        }
    }

    /** Unfreezes what is frozen, in order of preservation. The gate is shut. */
    void unfreeze() {
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

    /** What can be seen of the files. Does not pass the gate, so that it answers in a live update too. */
    List<FileInfo> infos() {
        return lock.reading(() -> files.values().stream()
                .map(file -> new FileInfo(
                        name,
                        Direction.OUTGOING,
                        file.token,
                        file.slot.compatible(),
                        file.frozen ? FileInfo.Phase.FROZEN : FileInfo.Phase.PRESERVED,
                        file.carried.state().data().length,
                        file.preservedAt))
                .toList());
    }

    int size() {
        return lock.reading(files::size);
    }

    @Override
    public String toString() {
        return "outgoing session '" + name + "'";
    }
}
