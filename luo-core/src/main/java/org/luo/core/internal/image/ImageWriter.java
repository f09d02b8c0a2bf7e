// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.Carried;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.core.internal.image.Delta.ChangedFile;
import org.luo.core.internal.image.Delta.Place;
import org.luo.handover.Image;

/** Writes an image from front to back; may run in the blackout. One writer writes one image. */
public final class ImageWriter {
    /** Longest image: what a Java buffer holds. */
    public static final int MAX_BYTES = Layout.MAX_BYTES;

    private static final int BASE = 4096;
    private static final int PER_FILE = 192;

    // With a block of its own for each, and 8 bytes for alignment.
    private static final int PER_STATE = Layout.BLOCK + Layout.ENTRY + Layout.DATA + 8;
    private static final int PER_SESSION = Layout.BLOCK + Layout.SESSION;

    private final ImageOutput out;

    /** How long an image of so many files will probably be, in bytes. */
    public static int estimate(int files) {
        return BASE + files * PER_FILE;
    }

    /** How long an image is at most, in bytes, if neither doors nor subsystems are in it. */
    public static long mostBytes(Contents contents) {
        long bytes = BASE;
        for (FlbRecord flb : contents.flbs()) {
            bytes += mostBytes(flb.carried());
        }
        for (SessionRecord session : contents.sessions()) {
            bytes += PER_SESSION
                    + session.files().stream()
                            .mapToLong(file -> mostBytes(file.carried()))
                            .sum();
        }
        return bytes;
    }

    private static long mostBytes(Carried carried) {
        return PER_STATE + carried.state().data().length;
    }

    /**
     * @param estimate expected size in bytes; the buffer grows if it is more
     * @param most how long the image may get, at most {@link #MAX_BYTES}
     * @throws LuoException ENOMEM
     */
    public ImageWriter(int estimate, int most) throws LuoException {
        this.out = new ImageOutput(estimate, most);
    }

    /**
     * Writes everything.
     *
     * @throws LuoException EFBIG if it is more than an image can hold · ENOSPC for too many FLBs, or doors and subsystems · ENOMEM
     */
    public Image write(Contents contents) throws LuoException {
        return write(contents, Layout.WHOLE);
    }

    /** As {@link #write(Contents)}, but marked as a draft. */
    public Image writeDraft(Contents contents) throws LuoException {
        return write(contents, Layout.DRAFT);
    }

    /** As {@link #write(Contents)}, but what is in the draft is only named. */
    public Image write(Delta delta) throws LuoException {
        contents(delta.news(), Layout.DELTA);
        long places = places(delta.places());
        out.bytes().putInt(Layout.H_DRAFT, delta.draft()).putLong(Layout.H_PLACES, places);
        return out.seal();
    }

    private Image write(Contents contents, int kind) throws LuoException {
        contents(contents, kind);
        return out.seal();
    }

    private void contents(Contents contents, int kind) throws LuoException {
        out.bytes().put(Layout.MAGIC).putInt(Layout.H_VERSION, Layout.VERSION).putInt(Layout.H_KIND, kind);
        int luo = out.claim(Layout.HEADER, Layout.LUO);
        // Each of these may replace the buffer, so they come before anything is put into it.
        long sessions = sessions(contents.sessions());
        long flbs = flbs(contents.flbs());
        long named = named(contents.doors(), contents.states());
        out.bytes()
                .putLong(Layout.H_LUO, luo)
                .putLong(Layout.H_NAMED, named)
                .put(luo, Layout.COMPATIBLE)
                .putLong(luo + Layout.L_NUMBER, contents.number())
                .putLong(luo + Layout.L_SESSIONS, sessions)
                .putLong(luo + Layout.L_FLBS, flbs);
    }

    private long sessions(List<SessionRecord> sessions) throws LuoException {
        return chain(sessions, Layout.SESSION, Layout.SESSIONS_IN_BLOCK, this::session);
    }

    private void session(int at, SessionRecord session) throws LuoException {
        out.bytes().put(at, session.name().bytes());
        long head = chain(session.files(), Layout.ENTRY, Layout.ENTRIES_IN_BLOCK, this::file);
        out.bytes()
                .putLong(at + Layout.S_FILES, head)
                .putLong(at + Layout.S_COUNT, session.files().size());
    }

    private void file(int at, FileRecord file) throws LuoException {
        out.entry(at, file.compatible(), file.carried(), file.token().value());
    }

    private long flbs(List<FlbRecord> flbs) throws LuoException {
        requireOneBlock(flbs.size(), "FLBs");
        return chain(
                flbs,
                Layout.ENTRY,
                Layout.ENTRIES_IN_BLOCK,
                (at, flb) -> out.entry(at, flb.compatible(), flb.carried(), flb.count()));
    }

    private long named(List<DoorRecord> doors, List<StateRecord> states) throws LuoException {
        List<Named> named = new ArrayList<>(doors.size() + states.size());
        doors.forEach(door -> named.add(new Named(door.name(), door.carried(), Layout.DOOR)));
        states.stream()
                .sorted(Comparator.comparing(StateRecord::role))
                .forEach(state -> named.add(new Named(state.name(), state.carried(), role(state))));
        requireOneBlock(named.size(), "doors and subsystems");
        return chain(
                named,
                Layout.ENTRY,
                Layout.ENTRIES_IN_BLOCK,
                (at, state) -> out.entry(at, state.name(), state.carried(), state.role()));
    }

    /** A named state, as it is written. */
    private record Named(Compatible name, Carried carried, long role) {}

    private static long role(StateRecord state) {
        return switch (state.role()) {
            case SUBSYSTEM -> Layout.SUBSYSTEM;
            case CORE -> Layout.CORE;
        };
    }

    private long places(List<Place> places) throws LuoException {
        return chain(places, Layout.PLACE, Layout.PLACES_IN_BLOCK, this::place);
    }

    private void place(int at, Place place) throws LuoException {
        long head = chain(place.changed(), Layout.CHANGED, Layout.PLACES_IN_BLOCK, this::changed);
        out.bytes()
                .putInt(at, place.draft())
                .putInt(at + Layout.P_COUNT, place.changed().size())
                .putLong(at + Layout.P_CHANGED, head);
    }

    private void changed(int at, ChangedFile file) throws LuoException {
        int data = out.state(file.carried(), !file.sameFiles());
        out.bytes()
                .putInt(at, file.index())
                .putInt(at + Layout.C_FLAGS, file.sameFiles() ? Layout.SAME_FILES : 0)
                .putLong(at + Layout.C_DATA, data);
    }

    private static void requireOneBlock(int count, String what) throws LuoException {
        if (count > Layout.ENTRIES_IN_BLOCK) {
            throw LuoException.of(Errno.ENOSPC, "image with " + count + " " + what + ": it holds 63");
        }
    }

    /** Writes one entry whose place is claimed; it may claim more behind. */
    private interface Entry<T> {
        void write(int at, T what) throws LuoException;
    }

    /** Writes a chain of blocks; where the first one begins, 0 for none. */
    private <T> long chain(List<T> list, int entrySize, int inBlock, Entry<? super T> entry) throws LuoException {
        long head = 0;
        int previous = 0;
        for (int from = 0; from < list.size(); from += inBlock) {
            int count = Math.min(inBlock, list.size() - from);
            int block = out.block(count, entrySize, previous);
            for (int i = 0; i < count; i++) {
                entry.write(block + Layout.BLOCK + i * entrySize, list.get(from + i));
            }
            head = head == 0 ? block : head;
            previous = block;
        }
        return head;
    }
}
