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
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.image.Contents.SessionRecord;

/**
 * An incoming session, whether or not somebody holds it.
 *
 * <p>Lock order as in {@link OutgoingSessionImpl}. The session table decides who has claimed it.
 */
final class IncomingSessionImpl {
    private final SessionName name;
    private final Core core;
    private final SessionLock lock;

    // Guarded by lock, or by the shut gate.
    private final Map<Token, IncomingFile> files = new LinkedHashMap<>();

    IncomingSessionImpl(SessionName name, Core core) {
        this.name = name;
        this.core = core;
        this.lock = new SessionLock(name, core.gate());
    }

    /** Adds a file while deserializing. */
    void add(IncomingFile file) {
        files.put(file.record.token(), file);
    }

    SessionName name() {
        return name;
    }

    int retrieve(Token token) throws LuoException {
        lock.enter();
        try {
            IncomingFile file = files.get(token);
            if (file == null) {
                throw LuoException.of(Errno.ENOENT, "retrieve " + name + "/" + token + ": no such file");
            }
            return file.retrieve(core);
        } finally {
            lock.leave();
        }
    }

    void finish() throws LuoException {
        lock.enter();
        try {
            finishAll();
        } finally {
            lock.leave();
        }
    }

    /** All or nothing: asks every file in order of preservation, then finishes them latest first. */
    private void finishAll() throws LuoException {
        for (IncomingFile file : files.values()) {
            file.requirePlugins();
        }
        for (IncomingFile file : files.values()) {
            file.requireFinishable();
        }
        List<IncomingFile> latestFirst = new ArrayList<>(files.values()).reversed();
        latestFirst.forEach(file -> file.finish(core));
        files.clear();
    }

    /** Finishes and removes it; if that is refused, it can be claimed again. */
    void close() throws LuoException {
        try {
            if (lock.enterToClose()) {
                finishAndRemove();
            }
        } catch (LuoException e) {
            core.sessions().unclaim(this);
            throw e;
        }
    }

    private void finishAndRemove() throws LuoException {
        try {
            finishAll();
            core.sessions().remove(this);
        } finally {
            lock.leave();
        }
    }

    /** The files; to be used while the gate is shut. */
    Collection<IncomingFile> files() {
        return files.values();
    }

    /** Whether a file has been brought back here, so that its state may be out of date. The gate is shut. */
    boolean isRetrieved() {
        return files.values().stream().anyMatch(file -> file.phase() == FileInfo.Phase.RETRIEVED);
    }

    /** The session as it came, for the next live update. The gate is shut and nobody has claimed it. */
    SessionRecord carryOn() {
        return new SessionRecord(
                name, files.values().stream().map(file -> file.record).toList());
    }

    List<FileInfo> infos() {
        return lock.reading(() -> files.values().stream()
                .map(file -> new FileInfo(
                        name,
                        Direction.INCOMING,
                        file.record.token(),
                        file.record.compatible(),
                        file.phase(),
                        file.record.carried().state().data().length,
                        file.arrivedAt))
                .toList());
    }

    int size() {
        return lock.reading(files::size);
    }

    @Override
    public String toString() {
        return "incoming session '" + name + "'";
    }
}
