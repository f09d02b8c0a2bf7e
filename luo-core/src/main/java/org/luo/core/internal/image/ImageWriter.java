// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.core.internal.Carried;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;

/** Writes an image from front to back; runs in the blackout. One writer writes one image. */
public final class ImageWriter {
    /** Longest image: what a Java buffer holds. */
    public static final int MAX_BYTES = Layout.MAX_BYTES;

    private final List<OpenFile> files = new ArrayList<>();
    private final int most;
    private ByteBuffer out;
    private Compatible lastName;
    private byte[] lastBytes;

    /**
     * @param estimate expected size in bytes; the buffer grows if it is more
     * @param most how long the image may get, at most {@link #MAX_BYTES}
     * @throws LuoException ENOMEM
     */
    public ImageWriter(int estimate, int most) throws LuoException {
        this.most = most;
        this.out = allocate(Math.max(estimate, 4096));
    }

    /**
     * Writes everything.
     *
     * @throws LuoException EFBIG if it is more than an image can hold · ENOSPC for too many FLBs or doors · ENOMEM
     */
    public Image write(Contents contents) throws LuoException {
        out.put(Layout.MAGIC).putInt(Layout.H_VERSION, Layout.VERSION);
        int luo = claim(Layout.HEADER, Layout.LUO);
        // Each of these may replace the buffer, so they come before anything is put into it.
        long sessions = sessions(contents.sessions());
        long flbs = flbs(contents.flbs());
        long doors = doors(contents.doors());
        out.putLong(Layout.H_LUO, luo).putLong(Layout.H_DOORS, doors);
        out.put(luo, Layout.COMPATIBLE)
                .putLong(luo + Layout.L_NUMBER, contents.number())
                .putLong(luo + Layout.L_SESSIONS, sessions)
                .putLong(luo + Layout.L_FLBS, flbs);
        return seal();
    }

    private Image seal() {
        int length = out.position();
        out.putLong(Layout.H_LENGTH, length).putInt(Layout.H_FDS, files.size()).flip();
        CRC32C crc = new CRC32C();
        crc.update(out.duplicate());
        out.putInt(Layout.H_CRC, (int) crc.getValue());
        return new Image(out.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN), List.copyOf(files));
    }

    private long sessions(List<SessionRecord> sessions) throws LuoException {
        long head = 0;
        int previous = 0;
        for (int from = 0; from < sessions.size(); from += Layout.SESSIONS_IN_BLOCK) {
            int count = Math.min(Layout.SESSIONS_IN_BLOCK, sessions.size() - from);
            int block = block(count, Layout.SESSION, previous);
            for (int i = 0; i < count; i++) {
                session(block + Layout.BLOCK + i * Layout.SESSION, sessions.get(from + i));
            }
            head = head == 0 ? block : head;
            previous = block;
        }
        return head;
    }

    private void session(int at, SessionRecord session) throws LuoException {
        out.put(at, session.name().bytes());
        long head = files(session.files());
        out.putLong(at + Layout.S_FILES, head)
                .putLong(at + Layout.S_COUNT, session.files().size());
    }

    private long files(List<FileRecord> records) throws LuoException {
        long head = 0;
        int previous = 0;
        for (int from = 0; from < records.size(); from += Layout.ENTRIES_IN_BLOCK) {
            int count = Math.min(Layout.ENTRIES_IN_BLOCK, records.size() - from);
            int block = block(count, Layout.ENTRY, previous);
            for (int i = 0; i < count; i++) {
                FileRecord file = records.get(from + i);
                int at = block + Layout.BLOCK + i * Layout.ENTRY;
                entry(at, file.compatible(), file.carried(), file.token().value());
            }
            head = head == 0 ? block : head;
            previous = block;
        }
        return head;
    }

    private long flbs(List<FlbRecord> flbs) throws LuoException {
        if (flbs.isEmpty()) {
            return 0;
        }
        int block = only(flbs.size(), "FLBs");
        for (int i = 0; i < flbs.size(); i++) {
            FlbRecord flb = flbs.get(i);
            entry(block + Layout.BLOCK + i * Layout.ENTRY, flb.compatible(), flb.carried(), flb.count());
        }
        return block;
    }

    private long doors(List<DoorRecord> doors) throws LuoException {
        if (doors.isEmpty()) {
            return 0;
        }
        int block = only(doors.size(), "doors");
        for (int i = 0; i < doors.size(); i++) {
            entry(
                    block + Layout.BLOCK + i * Layout.ENTRY,
                    doors.get(i).name(),
                    doors.get(i).carried(),
                    1);
        }
        return block;
    }

    private void entry(int at, Compatible name, Carried carried, long number) throws LuoException {
        out.put(at, bytes(name));
        byte[] bytes = carried.state().data();
        int data = claim(out.position(), Layout.DATA + (long) bytes.length);
        out.putInt(data, bytes.length)
                .putInt(data + Layout.D_FDS, carried.files().size())
                .putInt(data + Layout.D_FIRST, files.size())
                .put(data + Layout.DATA, bytes);
        for (OpenFile file : carried.files()) {
            files.add(file);
        }
        out.putLong(at + Layout.E_DATA, data).putLong(at + Layout.E_NUMBER, number);
    }

    /** Neighbours mostly have the same name. */
    private byte[] bytes(Compatible name) {
        if (name != lastName) {
            lastBytes = name.text().getBytes(StandardCharsets.US_ASCII);
            lastName = name;
        }
        return lastBytes;
    }

    /** The block of a list that has one only. */
    private int only(int count, String what) throws LuoException {
        if (count > Layout.ENTRIES_IN_BLOCK) {
            throw LuoException.of(Errno.ENOSPC, "image with " + count + " " + what + ": it holds 63");
        }
        return block(count, Layout.ENTRY, 0);
    }

    private int block(int count, int entrySize, int previous) throws LuoException {
        int block = claim(out.position(), Layout.BLOCK + (long) count * entrySize);
        out.putLong(block + Layout.B_COUNT, count);
        if (previous != 0) {
            out.putLong(previous, block);
        }
        return block;
    }

    /** Takes the next bytes; the position moves behind them. */
    private int claim(int position, long bytes) throws LuoException {
        long start = Layout.align(position);
        long end = Layout.align(start + bytes);
        if (end > most) {
            throw LuoException.of(Errno.EFBIG, "image of more than " + most + " bytes");
        }
        if (end > out.capacity()) {
            out = allocate((int) Math.min(most, end * 2)).put(out.flip());
        }
        out.position((int) end);
        return (int) start;
    }

    /** There may well be too little memory for it; then the update is given up like any other. */
    private static ByteBuffer allocate(int bytes) throws LuoException {
        try {
            return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        } catch (OutOfMemoryError e) {
            throw LuoException.of(Errno.ENOMEM, "image of " + bytes + " bytes", e);
        }
    }
}
