// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The machine's memory.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_meminfo.5.html">/proc/meminfo</a>
 */
final class Memory {
    private Memory() {}

    /**
     * One field.
     *
     * @param field such as {@code Shmem}
     * @return in kB
     * @throws LuoException EIO if it can't be read
     */
    static long kilobytes(String field) throws LuoException {
        return read(field).orElseThrow(() -> LuoException.of(Errno.EIO, "/proc/meminfo: no field " + field));
    }

    /**
     * One field that is a number of things; 0 if there is none, as on a kernel without huge pages.
     *
     * @throws LuoException EIO if it can't be read
     */
    static long number(String field) throws LuoException {
        return read(field).orElse(0);
    }

    private static OptionalLong read(String field) throws LuoException {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "/proc/meminfo: " + e.getMessage(), e);
        }
    }
}
