// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The threads of the whole machine that run or want to. To look takes a microsecond.
 *
 * <p>Context: one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_loadavg.5.html">proc_loadavg(5)</a>
 */
public final class RunQueue implements AutoCloseable {
    private static final int MOST_BYTES = 128;

    private final MemorySegment text = Arena.ofAuto().allocate(MOST_BYTES);
    private final int fd;

    private RunQueue(int fd) {
        this.fd = fd;
    }

    /** @throws LuoException ENOENT if there is no /proc · EMFILE */
    public static RunQueue open() throws LuoException {
        return of(Path.of("/proc/loadavg"));
    }

    static RunQueue of(Path loadavg) throws LuoException {
        return new RunQueue(FileIo.open(loadavg, FileIo.O_RDONLY, 0));
    }

    /**
     * How many there are now, the caller among them.
     *
     * @throws LuoException EBADMSG if it is not the number of threads in front of a slash, behind three other fields
     */
    public int length() throws LuoException {
        long end = FileIo.pread(fd, text, 0);
        int fields = 0;
        int length = 0;
        for (int at = 0; at < end; at++) {
            byte c = text.get(JAVA_BYTE, at);
            if (c == ' ') {
                fields++;
            } else if (fields == 3 && c >= '0' && c <= '9') {
                length = 10 * length + c - '0';
            } else if (fields == 3 && c == '/' && length > 0) {
                return length;
            }
        }
        throw LuoException.of(Errno.EBADMSG, "loadavg: no number of threads that run in " + end + " bytes");
    }

    @Override
    public void close() {
        Fds.close(fd);
    }
}
