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
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;

/** The bytes of an image that is being written from front to back, and its files. */
final class ImageOutput {
    private final List<OpenFile> files = new ArrayList<>();
    private final int most;
    private ByteBuffer out;
    private Compatible lastName;
    private byte[] lastBytes;

    ImageOutput(int estimate, int most) throws LuoException {
        this.most = most;
        this.out = allocate(Math.max(estimate, 4096));
    }

    /** The buffer of this moment: whatever claims bytes may replace it. */
    ByteBuffer bytes() {
        return out;
    }

    /** Takes bytes for a structure at a place that is aligned; the position moves behind them. */
    int claim(int position, long bytes) throws LuoException {
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

    /** A block of entries, linked from the one before, if any; where it begins. */
    int block(int count, int entrySize, int previous) throws LuoException {
        int block = claim(out.position(), Layout.BLOCK + (long) count * entrySize);
        out.putLong(block + Layout.B_COUNT, count);
        if (previous != 0) {
            out.putLong(previous, block);
        }
        return block;
    }

    /** A plug-in's bytes, and its files unless they are left out; where they begin. */
    int state(Carried carried, boolean withFiles) throws LuoException {
        byte[] bytes = carried.state().data();
        int data = claim(out.position(), Layout.DATA + (long) bytes.length);
        out.putInt(data, bytes.length)
                .putInt(data + Layout.D_FDS, withFiles ? carried.files().size() : 0)
                .putInt(data + Layout.D_FIRST, files.size())
                .put(data + Layout.DATA, bytes);
        if (withFiles) {
            for (OpenFile file : carried.files()) {
                files.add(file);
            }
        }
        return data;
    }

    /** Fills an entry in, with the state behind everything else. */
    void entry(int at, Compatible name, Carried carried, long number) throws LuoException {
        out.put(at, bytes(name));
        int data = state(carried, true);
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

    /** Length, number of files and checksum: the image is whole. */
    Image seal() {
        int length = out.position();
        out.putLong(Layout.H_LENGTH, length).putInt(Layout.H_FDS, files.size()).flip();
        CRC32C crc = new CRC32C();
        crc.update(out.duplicate());
        out.putInt(Layout.H_CRC, (int) crc.getValue());
        return new Image(out.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN), List.copyOf(files));
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
