// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.spi.FileHandler;

/** Builds sessions and FLBs from what an image says: readers found for every format, all of it pinned. */
final class Deserializer {
    private final Core core;

    Deserializer(Core core) {
        this.core = core;
    }

    /**
     * Builds everything.
     *
     * @param known FLBs that are there already
     * @param undo takes everything built back; the fds stay
     * @throws LuoException ENOENT naming what nothing reads · EAGAIN if a reader has just left
     */
    Deserialized build(Contents contents, Map<Compatible, IncomingFlb> known, Undo undo) throws LuoException {
        refuseUnreadable(contents);
        CoreState state = CoreState.in(contents);
        Counts counts = Counts.in(contents);
        Map<Compatible, IncomingFlb> flbs = flbs(contents.flbs(), known, undo);
        Set<Slot<FileHandler>> readers = new HashSet<>();
        List<IncomingSessionImpl> sessions = new ArrayList<>(contents.sessions().size());
        for (SessionRecord record : contents.sessions()) {
            sessions.add(session(record, flbs, readers, undo));
        }
        return new Deserialized(contents, sessions, flbs, readers, state, counts);
    }

    private void refuseUnreadable(Contents contents) throws LuoException {
        List<String> unreadable = new ArrayList<>();
        for (SessionRecord session : contents.sessions()) {
            for (FileRecord file : session.files()) {
                if (core.handlers().reader(file.compatible()) == null) {
                    unreadable.add(session.name() + "/" + file.token() + " (" + file.compatible() + ")");
                }
            }
        }
        contents.flbs().stream()
                .filter(flb -> core.flbs().reader(flb.compatible()) == null)
                .forEach(flb -> unreadable.add("flb " + flb.compatible()));
        if (!unreadable.isEmpty()) {
            throw LuoException.of(Errno.ENOENT, "deserialize: nothing reads " + Names.of(unreadable));
        }
    }

    private Map<Compatible, IncomingFlb> flbs(List<FlbRecord> records, Map<Compatible, IncomingFlb> known, Undo undo)
            throws LuoException {
        Map<Compatible, IncomingFlb> flbs = new LinkedHashMap<>();
        for (FlbRecord record : records) {
            IncomingFlb flb = known.get(record.compatible());
            if (flb == null) {
                flb = new IncomingFlb(record, reader(core.flbs(), record.compatible()), core);
                undo.add(flb::discard);
            }
            flbs.put(record.compatible(), flb);
        }
        return flbs;
    }

    private IncomingSessionImpl session(
            SessionRecord record, Map<Compatible, IncomingFlb> flbs, Set<Slot<FileHandler>> readers, Undo undo)
            throws LuoException {
        IncomingSessionImpl session = new IncomingSessionImpl(record.name(), core);
        Map<Slot<FileHandler>, List<IncomingFile>> bySlot = new LinkedHashMap<>();
        undo.add(() -> session.files().forEach(IncomingFile::discard));
        for (FileRecord file : record.files()) {
            Slot<FileHandler> slot = reader(core.handlers(), file.compatible());
            IncomingFile arrived = new IncomingFile(session.name(), file, slot, core);
            slot.use();
            session.add(arrived);
            bySlot.computeIfAbsent(slot, s -> new ArrayList<>()).add(arrived);
        }
        for (Map.Entry<Slot<FileHandler>, List<IncomingFile>> each : bySlot.entrySet()) {
            pin(each.getKey(), each.getValue(), flbs);
        }
        readers.addAll(bySlot.keySet());
        return session;
    }

    /** Pins the handler's bundle and those of its FLBs for files that have come. */
    private void pin(Slot<FileHandler> slot, List<IncomingFile> files, Map<Compatible, IncomingFlb> flbs)
            throws LuoException {
        List<Pins> pins = new ArrayList<>(files.size());
        for (IncomingFile file : files) {
            pins.add(file.pins);
        }
        Registration<FileHandler> handler = Pins.pinAll(slot, core, pins);
        if (!handler.flbs().isEmpty()) {
            relate(files, pins, needed(handler, flbs));
        }
    }

    private void relate(List<IncomingFile> files, List<Pins> pins, List<IncomingFlb> needed) throws LuoException {
        for (IncomingFlb flb : needed) {
            Pins.pinAll(flb.slot(), core, pins);
        }
        for (IncomingFile file : files) {
            file.flbs = needed;
            needed.forEach(IncomingFlb::addFile);
        }
    }

    /** Relates the files of a session to FLBs that were not there yet when it was built. */
    void relateAnew(IncomingSessionImpl session, Map<Compatible, IncomingFlb> flbs) throws LuoException {
        for (IncomingFile file : session.files()) {
            List<IncomingFlb> needed = needed(file.slot.require(), flbs);
            if (!needed.equals(file.flbs)) {
                file.flbs.forEach(IncomingFlb::removeFile);
                relate(List.of(file), List.of(file.pins), needed);
            }
        }
    }

    /** The slot that was there a moment ago. */
    private static <S> Slot<S> reader(Registry<S> registry, Compatible format) throws LuoException {
        Slot<S> slot = registry.reader(format);
        if (slot == null) {
            throw LuoException.of(Errno.EAGAIN, "deserialize: what reads " + format + " has just left");
        }
        return slot;
    }

    /** The incoming FLBs that a handler's files count for, by the strings of their present readers. */
    static List<IncomingFlb> needed(Registration<FileHandler> handler, Map<Compatible, IncomingFlb> flbs) {
        Set<IncomingFlb> needed = new HashSet<>();
        List<IncomingFlb> inOrder = new ArrayList<>();
        for (Compatible name : handler.flbs()) {
            flbs.values().stream()
                    .filter(flb -> flb.written().equals(name) || flb.reads(name))
                    .filter(needed::add)
                    .forEach(inOrder::add);
        }
        return inOrder;
    }
}
