// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.ImageWriter;
import org.luo.handover.Passenger;
import org.luo.handover.PassengerList;

/** What a draft has of files, without its image. Sessions are looked at one after another while they are used. */
final class PassengerListImpl implements PassengerList {
    /** In bytes. A platform that hasn't this much memory left for an image can't do anything else either. */
    private static final int ALWAYS_FITS = 16 << 20;

    private final DraftFds fds;
    private final List<Passenger> passengers;

    /** @throws LuoException EMFILE · ENOMEM · EFBIG if the image would be longer than one may get */
    PassengerListImpl(Core core, int longestImage) throws LuoException {
        this.fds = core.keepFds();
        try {
            List<SessionRecord> sessions = collect(core.sessions());
            requireRoom(
                    new Contents(
                            core.liveUpdates() + 1, sessions, core.flbTable().draft(), List.of()),
                    longestImage);
            this.passengers = new KernelCrossing(core).passengers(sessions);
        } catch (LuoException | RuntimeException | Error e) {
            fds.close();
            throw e;
        }
    }

    private List<SessionRecord> collect(SessionTable sessions) throws LuoException {
        List<SessionRecord> records = new ArrayList<>();
        for (OutgoingSessionImpl session : sessions.outgoing()) {
            records.add(session.record(fds));
        }
        for (IncomingSessionImpl session : sessions.unclaimed()) {
            records.add(session.draft());
        }
        return records;
    }

    /** Better now than in the blackout. An image is only written for that if it might not do. */
    private static void requireRoom(Contents contents, int longestImage) throws LuoException {
        if (ImageWriter.mostBytes(contents) > Math.min(ALWAYS_FITS, longestImage)) {
            new ImageWriter(ImageWriter.estimate(contents.files()), longestImage).writeDraft(contents);
        }
    }

    @Override
    public List<Passenger> passengers() {
        return passengers;
    }

    @Override
    public void close() {
        fds.close();
    }
}
