// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Mapping;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

/**
 * One workload before the live update: its sessions, and the mappings through which it goes on writing. It has no fd of
 * its own files; those are the orchestrator's.
 *
 * <p>Not thread-safe.
 */
final class Outgoing implements AutoCloseable {
    /** Below vm.max_map_count, which is 65530 by default. */
    private static final int MAX_MAPPINGS = 30_000;

    private final Request request;
    private final Map<SessionName, OutgoingSession> sessions = new LinkedHashMap<>();
    private final List<Description.File> files = new ArrayList<>();
    private final List<Mapping> mappings = new ArrayList<>(); // as files, null where it is not writable
    private Mapping descriptionMapping;
    private Description description;

    private Outgoing(Request request) {
        this.request = request;
    }

    /**
     * Makes the files and preserves them.
     *
     * <p>Undo: {@link #close}; nothing is left on throw.
     */
    static Outgoing preserve(Orchestrator orchestrator, Request request) throws LuoException {
        Outgoing outgoing = new Outgoing(request);
        try {
            for (SessionName name : request.sessions()) {
                outgoing.sessions.put(name, orchestrator.createSession(name));
            }
            for (int file = 0; file < request.files(); file++) {
                outgoing.preserve(file);
            }
            outgoing.describe();
            return outgoing;
        } catch (LuoException | RuntimeException e) {
            try {
                outgoing.close();
            } catch (LuoException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    Description description() {
        return description;
    }

    /** Writes the next generation. Returns how many bytes that were. */
    long write() throws LuoException {
        Description next = description.withGeneration(description.generation() + 1);
        long bytes = 0;
        for (int file = 0; file < files.size(); file++) {
            if (mappings.get(file) != null) {
                Content content = next.content(file);
                content.overwrite(mappings.get(file).segment(), next.generation());
                bytes += content.written(next.generation()).length();
            }
        }
        description = next;
        descriptionMapping.segment().copyFrom(MemorySegment.ofArray(next.encode()));
        return bytes;
    }

    /** Forgets the files, which are a successor's now, or lost. */
    void unmap() {
        mappings.forEach(mapping -> {
            if (mapping != null) {
                mapping.close();
            }
        });
        mappings.clear();
        if (descriptionMapping != null) {
            descriptionMapping.close();
        }
    }

    /** Undoes all preservations. */
    @Override
    public void close() throws LuoException {
        unmap();
        for (OutgoingSession session : sessions.values()) {
            session.close();
        }
    }

    private void preserve(int file) throws LuoException {
        Variant variant = Variant.of(file);
        SessionName session = request.sessions().get(file % request.sessions().size());
        Token token = Token.of(1 + file / request.sessions().size());
        int fd = variant.create("workload-" + session + "-" + token, request.isHuge(file));
        try {
            Mapping mapping = fill(fd, file, variant.writable());
            mappings.add(mapping);
            variant.seal(fd);
            long position = FileIo.seek(fd, 3 + 7L * file, FileIo.SEEK_SET);
            Stat stat = Stat.of(fd);
            files.add(new Description.File(
                    session,
                    token,
                    stat.size(),
                    position,
                    Memfd.seals(fd),
                    stat.mode(),
                    mapping != null,
                    stat.device(),
                    stat.inode()));
            sessions.get(session).preserve(fd, token);
        } finally {
            Fds.close(fd);
        }
    }

    /** Returns the mapping that is to be kept, or null. */
    private Mapping fill(int fd, int file, boolean writable) throws LuoException {
        long size = request.size(file);
        FileIo.truncate(fd, size);
        if (size == 0) {
            return null;
        }
        Content content = new Content(request.seed(), file, size, request.sparse());
        Mapping mapping = Mapping.map(fd, 0, size, true);
        boolean kept = false;
        try {
            if (request.sparse()) {
                content.renderIslands(mapping.segment());
            } else {
                mapping.populate();
                content.renderFirst(mapping.segment(), 0);
            }
            kept = writable && mappings.size() < MAX_MAPPINGS;
            return kept ? mapping : null;
        } finally {
            if (!kept) {
                mapping.close();
            }
        }
    }

    private void describe() throws LuoException {
        description = new Description(request.seed(), request.sparse(), 0, request.sessions(), List.copyOf(files));
        byte[] bytes = description.encode();
        int fd = Memfd.create("workload-description", Memfd.MFD_ALLOW_SEALING);
        try {
            FileIo.truncate(fd, bytes.length);
            descriptionMapping = Mapping.map(fd, 0, bytes.length, true);
            descriptionMapping.segment().copyFrom(MemorySegment.ofArray(bytes));
            Memfd.addSeals(fd, Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW);
            sessions.get(request.sessions().getFirst()).preserve(fd, Description.TOKEN);
        } finally {
            Fds.close(fd);
        }
    }
}
