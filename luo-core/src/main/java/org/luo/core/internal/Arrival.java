// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.ImageReader;
import org.luo.handover.Image;
import org.luo.handover.IncomingSide;
import org.luo.spi.FileHandler;

/**
 * The incoming side of a live update.
 *
 * <p>Happy path: image read whole · readers found for every format · FLBs and sessions built and pinned · shown to
 * nobody until {@link #serve}. If anything fails, all of it is taken back.
 */
final class Arrival implements IncomingSide {
    private final Core core;
    private boolean deserialized;

    Arrival(Core core) {
        this.core = core;
    }

    @Override
    public Set<Compatible> readable() {
        return Stream.concat(core.handlers().readable(), core.flbs().readable()).collect(Collectors.toSet());
    }

    @Override
    public void rehearse() {
        Rehearsal.run();
    }

    @Override
    public synchronized void deserialize(Image image) throws LuoException {
        core.gate().requireStandby();
        if (deserialized) {
            throw LuoException.of(Errno.EBUSY, "deserialize: an image has been deserialized already");
        }
        Contents contents = ImageReader.read(image);
        refuseUnreadable(contents);
        try (Undo undo = new Undo()) {
            Map<Compatible, IncomingFlb> flbs = flbs(contents.flbs(), undo);
            List<IncomingSessionImpl> sessions =
                    new ArrayList<>(contents.sessions().size());
            for (SessionRecord record : contents.sessions()) {
                sessions.add(session(record, flbs, undo));
            }
            undo.keep();
            core.arrive(contents, sessions, flbs);
            deserialized = true;
        }
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

    private Map<Compatible, IncomingFlb> flbs(List<FlbRecord> records, Undo undo) throws LuoException {
        Map<Compatible, IncomingFlb> flbs = new LinkedHashMap<>();
        for (FlbRecord record : records) {
            IncomingFlb flb = new IncomingFlb(record, reader(core.flbs(), record.compatible()), core);
            undo.add(flb::discard);
            flbs.put(record.compatible(), flb);
        }
        return flbs;
    }

    private IncomingSessionImpl session(SessionRecord record, Map<Compatible, IncomingFlb> flbs, Undo undo)
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
        List<IncomingFlb> needed = handler.flbs().isEmpty() ? List.of() : needed(handler, flbs);
        for (IncomingFlb flb : needed) {
            Pins.pinAll(flb.slot(), core, pins);
        }
        for (IncomingFile file : files) {
            file.flbs = needed;
            needed.forEach(IncomingFlb::addFile);
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
    private static List<IncomingFlb> needed(Registration<FileHandler> handler, Map<Compatible, IncomingFlb> flbs) {
        Set<IncomingFlb> needed = new HashSet<>();
        List<IncomingFlb> inOrder = new ArrayList<>();
        for (Compatible name : handler.flbs()) {
            flbs.values().stream()
                    .filter(flb -> flb.written().equals(name)
                            || flb.slot().compatible().equals(name))
                    .filter(needed::add)
                    .forEach(inOrder::add);
        }
        return inOrder;
    }

    @Override
    public synchronized void serve() throws LuoException {
        core.serve();
    }

    @Override
    public void publish() {
        core.publish();
    }
}
