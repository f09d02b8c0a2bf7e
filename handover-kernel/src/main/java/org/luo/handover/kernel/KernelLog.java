// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;

/**
 * What the kernel says of itself at its start, as far as its log still has it: there is no other way to learn how many live
 * updates it counts.
 *
 * @see <a href="https://www.kernel.org/doc/Documentation/ABI/testing/dev-kmsg">/dev/kmsg</a>
 */
final class KernelLog {
    private static final Pattern NUMBER = Pattern.compile("luo: .*liveupdate number: (\\d{1,18})(?!\\d)");
    private static final int RECORD = 8192;
    private static final int MOST_RECORDS = 1 << 20;

    private KernelLog() {}

    /** How many live updates have led to this kernel, by its own count; empty if its log does not say, or may not be read. */
    static OptionalLong liveUpdates(Path kmsg) {
        OptionalLong found = OptionalLong.empty();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment record = arena.allocate(RECORD);
            int fd = FileIo.open(kmsg, FileIo.O_RDONLY | FileIo.O_NONBLOCK, 0);
            try {
                for (int i = 0; i < MOST_RECORDS && found.isEmpty(); i++) {
                    long bytes = read(fd, record);
                    if (bytes <= 0) {
                        return found;
                    }
                    byte[] text = record.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
                    Matcher number = NUMBER.matcher(new String(text, StandardCharsets.ISO_8859_1));
                    found = number.find() ? OptionalLong.of(Long.parseLong(number.group(1))) : found;
                }
            } finally {
                Fds.close(fd);
            }
        } catch (LuoException e) {
            // at its end, or not for us: not known, then
        }
        return found;
    }

    /** Records that were overwritten meanwhile are left out. */
    private static long read(int fd, MemorySegment record) throws LuoException {
        try {
            return FileIo.read(fd, record);
        } catch (LuoException e) {
            if (e.errno() == Errno.EPIPE) {
                return FileIo.read(fd, record);
            }
            throw e;
        }
    }
}
