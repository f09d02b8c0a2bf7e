// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.CoreState.Dependency;
import org.luo.core.internal.CoreState.FileName;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Delta.ChangedFile;

/**
 * An incoming session, whether or not somebody holds it.
 *
 * <p>Lock order as in {@link OutgoingSessionImpl}. The session table decides who has claimed it.
 */
final class IncomingSessionImpl {
    private final SessionName name;
    private final Core core;
    private final SessionLock lock;

    /** Guarded by lock, or by the shut gate, and for changes by itself too, so that who lists it waits for no plug-in. */
    private final Map<Token, IncomingFile> files = new LinkedHashMap<>();

    /** Guarded by lock, or by the shut gate. */
    private boolean finished;

    /** How many live updates it has gone on over, unclaimed. Set before anybody sees it. */
    private volatile int carried;

    /** What files of this session depend on. Filled before anybody sees it. */
    private final Map<Token, List<NeededFile>> dependencies = new LinkedHashMap<>();

    IncomingSessionImpl(SessionName name, Core core) {
        this.name = name;
        this.core = core;
        this.lock = new SessionLock(name, core);
    }

    /** Adds a file while deserializing. */
    void add(IncomingFile file) {
        synchronized (files) {
            files.put(file.record.token(), file);
        }
    }

    int carried() {
        return carried;
    }

    void carried(int times) {
        carried = times;
    }

    SessionName name() {
        return name;
    }

    int retrieve(Token token) throws LuoException {
        if (!dependencies.isEmpty()) {
            NeededFile.bringBackFor(new NeededFile(this, token));
        }
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

    /** Brings a file back for one that depends on it, unless it is finished. */
    void bringBack(Token token) throws LuoException {
        lock.enter();
        try {
            IncomingFile file = files.get(token);
            if (file != null) {
                file.requireRetrieved(core);
            }
        } finally {
            lock.leave();
        }
    }

    /** A file of this session depends on another. Nobody has seen them yet. */
    void relate(Token token, NeededFile needed) {
        dependencies.computeIfAbsent(token, t -> new ArrayList<>()).add(needed);
    }

    List<NeededFile> needs(Token token) {
        return dependencies.getOrDefault(token, List.of());
    }

    /** What the next successor is to know. */
    List<Dependency> dependencies() {
        List<Dependency> all = new ArrayList<>();
        dependencies.forEach((token, list) -> list.forEach(needed -> all.add(
                new Dependency(new FileName(name, token), new FileName(needed.session().name, needed.token())))));
        return all;
    }

    void finish() throws LuoException {
        boolean first;
        lock.enter();
        try {
            first = finishAll();
        } finally {
            lock.leave();
        }
        tellIf(first);
    }

    private void tellIf(boolean first) {
        if (first) {
            core.states().settlement().sessionFinished();
        }
    }

    /** All or nothing: asks every file in order of preservation, then finishes them latest first. True the first time. */
    private boolean finishAll() throws LuoException {
        for (IncomingFile file : files.values()) {
            file.requirePlugins();
        }
        for (IncomingFile file : files.values()) {
            file.requireFinishable();
        }
        List<IncomingFile> latestFirst = new ArrayList<>(files.values()).reversed();
        latestFirst.forEach(file -> {
            file.finish(core);
            core.events().tell(Type.FILE_FINISHED, file, "compatible", file.record.compatible());
        });
        synchronized (files) {
            files.clear();
        }
        boolean first = !finished;
        finished = true;
        if (first) {
            core.events().tell(Type.SESSION_FINISHED, name, "files", latestFirst.size());
        }
        return first;
    }

    /** Finishes and removes it; if that is refused, it can be claimed again. */
    void close() throws LuoException {
        try {
            if (lock.enterToClose()) {
                tellIf(finishAndRemove());
            }
        } catch (LuoException e) {
            core.sessions().unclaim(this);
            throw e;
        }
    }

    private boolean finishAndRemove() throws LuoException {
        try {
            boolean first = finishAll();
            core.sessions().remove(this);
            core.events().tell(Type.SESSION_CLOSED, name, "direction", "incoming");
            return first;
        } finally {
            lock.leave();
        }
    }

    /** The files; to be used while the gate is shut. */
    Collection<IncomingFile> files() {
        return files.values();
    }

    /** Whether a file has been brought back here, so that its state may be out of date. */
    boolean isRetrieved() {
        return present().stream().anyMatch(file -> file.phase() == FileInfo.Phase.RETRIEVED);
    }

    /** The session as it came, for the next live update. The gate is shut and nobody has claimed it. */
    SessionRecord carryOn() {
        return new SessionRecord(
                name, files.values().stream().map(file -> file.record).toList());
    }

    /** The session as it came. Nobody has claimed it yet. */
    SessionRecord draft() throws LuoException {
        return lock.looking(this::carryOn);
    }

    /** Shows what is still to be finished; nothing if that has been done. As {@link OutgoingSessionImpl#look}. */
    void look(CrashImage.Records records) throws LuoException {
        lock.enter();
        try {
            if (!finished) {
                records.look(carryOn().files());
            }
        } finally {
            lock.leave();
        }
    }

    /** What the draft has otherwise. Nobody has seen the session yet. */
    void change(List<ChangedFile> changed, IntConsumer unused) {
        if (changed.isEmpty()) {
            return;
        }
        List<IncomingFile> inOrder = List.copyOf(files.values());
        changed.forEach(file -> inOrder.get(file.index()).change(file, unused));
    }

    /** The files of this moment; waits for no callback. */
    private List<IncomingFile> present() {
        synchronized (files) {
            return List.copyOf(files.values());
        }
    }

    /** What can be seen of the files, as in {@link OutgoingSessionImpl#infos}. */
    List<FileInfo> infos() {
        return present().stream()
                .map(file -> new FileInfo(
                        name,
                        Direction.INCOMING,
                        file.record.token(),
                        file.record.compatible(),
                        file.phase(),
                        file.size(core),
                        file.record.carried().state().data().length,
                        file.slot.owner(),
                        file.arrivedAt))
                .toList();
    }

    /** The file for which this fd is kept, or null. */
    Object holder(int fd) {
        synchronized (files) {
            return files.values().stream()
                    .filter(file -> file.has(fd))
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
        return "incoming session '" + name + "'";
    }
}
