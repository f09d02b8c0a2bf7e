// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Delta;
import org.luo.core.internal.image.Delta.Place;
import org.luo.core.internal.image.ImageReader;
import org.luo.handover.Image;
import org.luo.handover.IncomingSide;
import org.luo.spi.FileHandler;

/**
 * The incoming side of a live update.
 *
 * <p>Happy path: a draft read and built, ahead of the blackout · image read, whole or as the difference from the draft ·
 * what is new built, what has changed replaced · shown to nobody until {@link #serve} · what only the draft had let go.
 * If anything fails, what the failing step has built is taken back.
 */
final class Arrival implements IncomingSide {
    private final Core core;
    private final Deserializer deserializer;
    private Deserialized draft = Deserialized.NOTHING;
    private int draftChecksum;
    private boolean deserialized;

    // What only the draft had.
    private final List<IncomingSessionImpl> unusedSessions = new ArrayList<>();
    private final List<IncomingFlb> unusedFlbs = new ArrayList<>();
    private final List<Integer> unusedFds = new ArrayList<>();

    Arrival(Core core) {
        this.core = core;
        this.deserializer = new Deserializer(core);
    }

    @Override
    public Set<Compatible> readable() {
        return Stream.concat(core.handlers().readable(), core.flbs().readable()).collect(Collectors.toSet());
    }

    @Override
    public void rehearse() {
        Rehearsal.run();
        core.doors().rehearse();
    }

    @Override
    public void touch() {
        Rehearsal.runBriefly();
    }

    @Override
    public synchronized void anticipate(Image image) throws LuoException {
        requireStandby();
        if (draft != Deserialized.NOTHING) {
            throw LuoException.of(Errno.EBUSY, "anticipate: a draft has been anticipated already");
        }
        try (Undo undo = new Undo()) {
            draft = deserializer.build(ImageReader.readDraft(image), draft.flbs(), undo);
            draftChecksum = ImageReader.checksum(image);
            undo.keep();
        }
    }

    @Override
    public synchronized void deserialize(Image image) throws LuoException {
        requireStandby();
        try (Undo undo = new Undo()) {
            if (ImageReader.isDelta(image)) {
                deserializeDelta(image, undo);
            } else {
                Deserialized whole = deserializer.build(
                        new KernelCrossing(core).arrived(image, ImageReader.read(image)),
                        Deserialized.NOTHING.flbs(),
                        undo);
                drop(draft.sessions(), draft.flbs().values());
                core.arrive(whole);
                if (image.crashed()) {
                    core.arrivedFromCrash();
                }
            }
            undo.keep();
            deserialized = true;
        }
    }

    private void requireStandby() throws LuoException {
        core.gate().requireStandby();
        if (deserialized) {
            throw LuoException.of(Errno.EBUSY, "deserialize: an image has been deserialized already");
        }
    }

    private void deserializeDelta(Image image, Undo undo) throws LuoException {
        Delta delta = ImageReader.readDelta(image, draft.contents(), draftChecksum);
        for (Slot<FileHandler> reader : draft.readers()) {
            reader.require();
        }
        Deserialized news = deserializer.build(delta.news(), draft.flbs(), undo);
        if (!draft.flbs().keySet().containsAll(news.flbs().keySet())) {
            for (Place place : delta.places()) {
                if (place.draft() != Delta.NEW) {
                    deserializer.relateAnew(draft.sessions().get(place.draft()), news.flbs());
                }
            }
        }
        merge(delta, news); // cannot fail
    }

    private void merge(Delta delta, Deserialized news) {
        for (FlbRecord flb : delta.news().flbs()) {
            news.flbs().get(flb.compatible()).arrive(flb);
        }
        List<IncomingSessionImpl> sessions = new ArrayList<>(delta.places().size());
        Set<IncomingSessionImpl> kept = new HashSet<>();
        Iterator<IncomingSessionImpl> nextNew = news.sessions().iterator();
        for (Place place : delta.places()) {
            if (place.draft() == Delta.NEW) {
                sessions.add(nextNew.next());
            } else {
                IncomingSessionImpl session = draft.sessions().get(place.draft());
                session.change(place.changed(), unusedFds::add);
                sessions.add(session);
                kept.add(session);
            }
        }
        drop(
                draft.sessions().stream()
                        .filter(session -> !kept.contains(session))
                        .toList(),
                draft.flbs().values().stream()
                        .filter(flb -> !news.flbs().containsValue(flb))
                        .toList());
        core.arrive(news.with(sessions));
    }

    /** They count no more; the rest has time. */
    private void drop(Iterable<IncomingSessionImpl> sessions, Iterable<IncomingFlb> flbs) {
        for (IncomingSessionImpl session : sessions) {
            session.files().forEach(file -> file.flbs.forEach(IncomingFlb::removeFile));
            unusedSessions.add(session);
        }
        flbs.forEach(unusedFlbs::add);
    }

    @Override
    public synchronized void serve() throws LuoException {
        core.succeed();
    }

    @Override
    public void publish() {
        core.publish();
        letGoOfUnused();
    }

    private synchronized void letGoOfUnused() {
        for (IncomingSessionImpl session : unusedSessions) {
            for (IncomingFile file : session.files()) {
                file.discard();
                file.closeFds(core);
            }
        }
        unusedSessions.clear();
        unusedFlbs.forEach(IncomingFlb::discard);
        unusedFlbs.clear();
        unusedFds.forEach(core.fds()::close);
        unusedFds.clear();
        draft = Deserialized.NOTHING;
    }
}
