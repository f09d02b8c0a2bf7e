// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

/**
 * Whether the files are what their descriptions say: size, position, seals, mode, and every range of a MiB by CRC32C
 * against the content that follows from the seed. Counts and collects; a file that can't be retrieved is a mismatch.
 */
final class Verification {
    private static final int RANGE = 1 << 20;
    private static final int MAX_NAMED = 1_000;

    private final List<String> mismatches = new ArrayList<>();
    private long mismatchCount;
    private long files;
    private long bytes;
    private long sameInode;

    /** Verifies one workload. */
    void add(Description description, Map<SessionName, IncomingSession> sessions) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(RANGE, Long.BYTES);
            MemorySegment wanted = arena.allocate(RANGE, Long.BYTES);
            for (int number = 0; number < description.files().size(); number++) {
                Description.File file = description.files().get(number);
                try {
                    int fd = sessions.get(file.session()).retrieve(file.token());
                    try {
                        verifyAttributes(fd, file);
                        verifyContent(fd, description, number, found, wanted);
                    } finally {
                        Fds.close(fd);
                    }
                } catch (LuoException e) {
                    mismatch(file, e.getMessage());
                }
                files++;
            }
        }
    }

    /** The answer of the command. */
    Map<String, Object> result() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("files", files);
        result.put("bytes", bytes);
        result.put("same_inode", sameInode);
        result.put("mismatch_count", mismatchCount);
        result.put("mismatches", List.copyOf(mismatches));
        return result;
    }

    private void verifyAttributes(int fd, Description.File file) throws LuoException {
        Stat stat = Stat.of(fd);
        compare(file, "size %d, expected %d", stat.size(), file.size());
        compare(file, "position %d, expected %d", FileIo.position(fd), file.position());
        compare(file, "seals 0x%x, expected 0x%x", Memfd.seals(fd), file.seals());
        compare(file, "mode %o, expected %o", stat.mode(), file.mode());
        if (stat.device() == file.device() && stat.inode() == file.inode()) {
            sameInode++;
        }
    }

    private void verifyContent(int fd, Description description, int number, MemorySegment found, MemorySegment wanted)
            throws LuoException {
        Content content = description.content(number);
        for (long offset = 0; offset < content.size(); offset += RANGE) {
            long length = Math.min(RANGE, content.size() - offset);
            MemorySegment expected = wanted.asSlice(0, length);
            content.render(expected, offset, description.generation(number));
            long read = FileIo.pread(fd, found.asSlice(0, length), offset);
            bytes += read;
            long crc = checksum(found.asSlice(0, read));
            long expectedCrc = checksum(expected);
            if (crc != expectedCrc) {
                long at = offset + found.asSlice(0, read).mismatch(expected);
                mismatch(
                        description.files().get(number),
                        "bytes " + offset + " to " + (offset + length) + ": CRC32C 0x" + Long.toHexString(crc)
                                + ", expected 0x" + Long.toHexString(expectedCrc) + ", first difference at " + at);
            }
        }
    }

    private void compare(Description.File file, String difference, long found, long expected) {
        if (found != expected) {
            mismatch(file, String.format(Locale.ROOT, difference, found, expected));
        }
    }

    private void mismatch(Description.File file, String what) {
        mismatchCount++;
        if (mismatches.size() < MAX_NAMED) {
            mismatches.add(file + ": " + what);
        }
    }

    private static long checksum(MemorySegment range) {
        CRC32C checksum = new CRC32C();
        checksum.update(range.asByteBuffer());
        return checksum.getValue();
    }
}
