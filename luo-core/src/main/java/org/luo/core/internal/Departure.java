// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.ImageWriter;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.handover.OutgoingSide;
import org.luo.spi.FileHandler;

/**
 * The outgoing side of a live update.
 *
 * <p>Happy path: gate shut · sessions frozen in order of creation, files in order of preservation · unclaimed incoming
 * sessions · FLBs · doors · image. If anything fails: what was frozen is unfrozen, the failing session's files in order
 * of preservation, then the sessions before it in reverse; the gate opens again.
 */
final class Departure implements OutgoingSide {
    private static final int ESTIMATE_PER_FILE = 192;

    private final Core core;
    private volatile FrozenSessions frozen;

    /** In bytes. Tests make it short. */
    int longestImage = ImageWriter.MAX_BYTES;

    Departure(Core core) {
        this.core = core;
    }

    @Override
    public Map<Compatible, List<String>> needs() {
        Map<Compatible, List<String>> needs = new TreeMap<>();
        core.fileInfos()
                .forEach(file -> needs.computeIfAbsent(file.compatible(), c -> new ArrayList<>())
                        .add(file.session() + "/" + file.token()));
        core.flbTable()
                .carried()
                .forEach(flb ->
                        needs.computeIfAbsent(flb, c -> new ArrayList<>()).add("flb " + flb));
        return needs;
    }

    @Override
    public long liveUpdates() {
        return core.liveUpdates();
    }

    @Override
    public void rehearse() {
        Rehearsal.run();
        for (Slot<FileHandler> slot : core.handlers().slots()) {
            Registration<FileHandler> handler = slot.current();
            if (handler != null) {
                Callbacks.unfailing(slot, "rehearse", handler.service()::rehearse);
            }
        }
    }

    @Override
    public Frozen freeze() throws LuoException {
        core.gate().shut();
        try (Undo undo = new Undo()) {
            undo.add(core.gate()::open);
            refuseUncarriable();
            List<SessionRecord> sessions = new ArrayList<>();
            for (OutgoingSessionImpl session : core.sessions().outgoing()) {
                sessions.add(session.freeze());
                undo.add(session::unfreeze);
            }
            core.sessions().incoming().stream()
                    .filter(session -> !core.sessions().isClaimed(session))
                    .forEach(session -> sessions.add(session.carryOn()));
            var flbs = core.flbTable().freeze();
            List<DoorRecord> doors = core.doors().freeze();
            undo.add(core.doors()::unfreeze);
            Contents contents = new Contents(core.liveUpdates() + 1, sessions, flbs, doors);
            int files = contents.files();
            Image image = new ImageWriter(4096 + files * ESTIMATE_PER_FILE, longestImage).write(contents);
            frozen = new FrozenSessions(image, sessions.size(), files);
            undo.keep();
            return frozen;
        }
    }

    /** Whether a freeze was left behind by a handover that failed to end it. */
    void unfreezeForgotten() {
        FrozenSessions left = frozen;
        if (left != null) {
            left.unfreeze();
        }
    }

    private void refuseUncarriable() throws LuoException {
        List<String> orphans = new ArrayList<>();
        Set<SessionName> names = new HashSet<>();
        for (OutgoingSessionImpl session : core.sessions().outgoing()) {
            names.add(session.name());
            session.files().stream().filter(OutgoingFile::isOrphaned).forEach(file -> orphans.add(file.toString()));
        }
        if (!orphans.isEmpty()) {
            throw LuoException.of(Errno.EAGAIN, "live update: the plug-ins of " + Names.of(orphans) + " are gone");
        }
        for (IncomingSessionImpl session : core.sessions().incoming()) {
            if (session.isRetrieved()
                    || core.sessions().isClaimed(session) && !session.files().isEmpty()) {
                throw LuoException.of(Errno.EBUSY, "live update: " + session + " is retrieved and not finished");
            }
            if (!core.sessions().isClaimed(session) && names.contains(session.name())) {
                throw LuoException.of(
                        Errno.EEXIST,
                        "live update: " + session + " is not claimed, and an outgoing one has the same name");
            }
        }
    }

    /** The frozen sessions; the gate is shut until this ends. */
    private final class FrozenSessions implements Frozen {
        private final Image image;
        private final int sessions;
        private final int files;

        FrozenSessions(Image image, int sessions, int files) {
            this.image = image;
            this.sessions = sessions;
            this.files = files;
        }

        @Override
        public Image image() {
            return image;
        }

        @Override
        public int sessions() {
            return sessions;
        }

        @Override
        public int files() {
            return files;
        }

        @Override
        public void unfreeze() {
            end();
            core.doors().unfreeze();
            core.sessions().outgoing().reversed().forEach(OutgoingSessionImpl::unfreeze);
            core.gate().open();
        }

        @Override
        public void relinquish(String successor) {
            end();
            core.gate().relinquish(successor);
            try {
                core.letGo();
            } finally {
                core.gate().open();
            }
        }

        private void end() {
            if (frozen != this) {
                throw new IllegalStateException("this freeze has ended already");
            }
            frozen = null;
        }
    }
}
