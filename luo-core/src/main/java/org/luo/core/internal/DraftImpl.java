// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Delta;
import org.luo.core.internal.image.Delta.Place;
import org.luo.core.internal.image.ImageReader;
import org.luo.core.internal.image.ImageWriter;
import org.luo.handover.Draft;
import org.luo.handover.Image;

/**
 * A draft, and which session is where in it.
 *
 * <p>Sessions are looked at one after another while they are used. A session counts as the same later if no file has
 * come or gone since; a file's state, if it is the very object that was drafted.
 */
final class DraftImpl implements Draft {
    private final DraftFds fds;
    private final Image image;
    private final int checksum;
    private final List<SessionRecord> records = new ArrayList<>();
    private final Map<OutgoingSessionImpl, Drafted> outgoing = new IdentityHashMap<>();
    private final Map<IncomingSessionImpl, Integer> incoming = new IdentityHashMap<>();

    /**
     * An outgoing session in the draft.
     *
     * @param index its place
     * @param revision how often files had come and gone
     */
    private record Drafted(int index, long revision) {}

    /** @throws LuoException EMFILE · ENOMEM · EFBIG if it is longer than an image may get */
    DraftImpl(Core core, int longestImage) throws LuoException {
        this.fds = core.keepFds();
        try {
            collect(core.sessions());
            int files =
                    records.stream().mapToInt(record -> record.files().size()).sum();
            // Last of all, so that it has every FLB that one of the files needs.
            Contents contents = new Contents(
                    core.liveUpdates() + 1, records, core.flbTable().draft(), List.of());
            this.image = new ImageWriter(ImageWriter.estimate(files), longestImage).writeDraft(contents);
            this.checksum = ImageReader.checksum(image);
        } catch (LuoException | RuntimeException | Error e) {
            fds.close();
            throw e;
        }
    }

    private void collect(SessionTable sessions) throws LuoException {
        for (OutgoingSessionImpl session : sessions.outgoing()) {
            OutgoingSessionImpl.Drafted drafted = session.draft(fds);
            outgoing.put(session, new Drafted(records.size(), drafted.revision()));
            records.add(drafted.record());
        }
        for (IncomingSessionImpl session : sessions.unclaimed()) {
            incoming.put(session, records.size());
            records.add(session.draft());
        }
    }

    /** Writes what is not as in the draft. */
    Image delta(Cargo cargo, int longestImage) throws LuoException {
        List<SessionRecord> news = new ArrayList<>();
        List<Place> places = new ArrayList<>(cargo.sessions());
        for (OutgoingSessionImpl session : cargo.outgoing()) {
            Drafted drafted = outgoing.get(session);
            if (drafted != null && session.isAsIn(drafted.revision())) {
                places.add(new Place(drafted.index(), session.changed()));
            } else {
                places.add(Place.OF_NEW);
                news.add(session.record());
            }
        }
        for (IncomingSessionImpl session : cargo.unclaimed()) {
            Integer index = incoming.get(session);
            places.add(index == null ? Place.OF_NEW : new Place(index, List.of()));
            if (index == null) {
                news.add(session.carryOn());
            }
        }
        Delta delta = new Delta(checksum, cargo.contents(news), places);
        return new ImageWriter(ImageWriter.estimate(0), longestImage).write(delta);
    }

    @Override
    public Image image() {
        return image;
    }

    @Override
    public void touch() {
        Rehearsal.runBriefly();
        touchFiles();
    }

    void touchFiles() {
        outgoing.keySet().forEach(OutgoingSessionImpl::touch);
    }

    @Override
    public void close() {
        fds.close();
    }
}
