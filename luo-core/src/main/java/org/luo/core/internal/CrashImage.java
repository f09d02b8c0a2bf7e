// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.ImageWriter;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.Rescue;
import org.luo.spi.FileHandler;
import org.luo.spi.Verdict;

/**
 * What is different if the process crashes: nothing is frozen, so files are described as they are, by whoever gets them.
 *
 * <p>Files only, and those whose handlers say so and that need nothing else: no FLB, no other file. Sessions that have been
 * retrieved are among them, since who retrieved them has to do it again. Of doors only what
 * they say is kept, of subsystems nothing.
 */
final class CrashImage implements Rescue {
    private final Core core;

    /** What is done with the files of a session. */
    interface Records {
        /** The session's lock is held, and the gate open. */
        void look(List<FileRecord> files) throws LuoException;
    }

    CrashImage(Core core) {
        this.core = core;
    }

    /** One look at everything. */
    private final class Look {
        private final Predicate<OpenFile> wanted;
        private final List<SessionRecord> sessions = new ArrayList<>();
        private final List<OpenFile> files = new ArrayList<>();
        private final Map<OpenFile, Integer> copies = new IdentityHashMap<>();
        private final List<String> uncovered = new ArrayList<>();
        private final Set<SessionName> names = new HashSet<>();

        Look(Predicate<OpenFile> wanted) {
            this.wanted = wanted;
        }

        /** The session's lock is held, and the gate open. */
        private void add(SessionName name, List<FileRecord> records) throws LuoException {
            if (!names.add(name)) {
                uncovered.add("incoming session " + name + " (an outgoing one has the same name)");
                return;
            }
            List<FileRecord> covered = new ArrayList<>(records.size());
            for (FileRecord file : records) {
                Verdict verdict = verdict(name + "/" + file.token(), file);
                if (verdict.ok()) {
                    covered.add(file);
                    for (OpenFile open : file.carried().files()) {
                        add(open);
                    }
                } else {
                    uncovered.add(name + "/" + file.token() + " (" + file.compatible() + ": " + verdict.reason() + ")");
                }
            }
            sessions.add(new SessionRecord(name, covered));
        }

        private void add(OpenFile open) throws LuoException {
            files.add(open);
            if (!copies.containsKey(open) && wanted.test(open)) {
                copies.put(open, core.fds().duplicate(open.fd()));
            }
        }

        private Contents contents() throws LuoException {
            Map<SessionName, Integer> carried = new LinkedHashMap<>();
            core.sessions().incoming().stream()
                    .filter(session -> session.carried() > 0)
                    .forEach(session -> carried.put(session.name(), session.carried()));
            List<StateRecord> states = core.states().clock().recordsForCrash(carried);
            return new Contents(
                    core.liveUpdates() + 1, sessions, List.of(), core.doors().recordsForCrash(), states);
        }
    }

    @Override
    public Snapshot snapshot(Predicate<OpenFile> wanted) throws LuoException {
        Look look = new Look(wanted);
        try (Undo undo = new Undo()) {
            undo.add(() -> look.copies.values().forEach(core.fds()::close));
            for (OutgoingSessionImpl session : core.sessions().outgoing()) {
                session.look(records -> look.add(session.name(), records));
            }
            for (IncomingSessionImpl session : core.sessions().incoming()) {
                session.look(records -> look.add(session.name(), records));
            }
            Image image = new ImageWriter(ImageWriter.estimate(look.files.size()), ImageWriter.MAX_BYTES)
                    .write(look.contents());
            undo.keep();
            return new Snapshot(image.bytes(), look.files, look.copies, look.uncovered);
        }
    }

    private Verdict verdict(String name, FileRecord file) {
        Slot<FileHandler> slot = core.handlers().reader(file.compatible());
        Registration<FileHandler> handler = slot == null ? null : slot.current();
        if (handler == null) {
            return Verdict.no("its handler is gone");
        }
        if (!handler.flbs().isEmpty() || handler.service().hasDependencies()) {
            return Verdict.no("it is of no use without something else");
        }
        try {
            return Callbacks.failing(
                    name,
                    "canOutliveCrash",
                    () -> handler.service().canOutliveCrash(file.carried().state()));
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }
}
