// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.luo.Errno;
import org.luo.LuoException;

/** A memfd that says something for good: sealed, so that nobody can have changed it since it was written. */
public final class SealedMemfd {
    private static final int SEALS = Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_WRITE;

    private SealedMemfd() {}

    /**
     * Writes one.
     *
     * <p>Undo: {@link Fds#close}.
     *
     * @param name as for {@link Memfd#create}
     * @param parts the bytes, one part behind the other
     * @return its fd, which is the caller's
     * @throws LuoException EMFILE · ENOMEM · ENOSPC
     */
    public static int write(String name, ByteBuffer... parts) throws LuoException {
        int fd = Memfd.create(name, Memfd.MFD_ALLOW_SEALING);
        try (Arena arena = Arena.ofConfined()) {
            long at = 0;
            for (ByteBuffer part : parts) {
                MemorySegment heap = MemorySegment.ofBuffer(part);
                FileIo.pwrite(fd, arena.allocate(heap.byteSize()).copyFrom(heap), at);
                at += heap.byteSize();
            }
            Memfd.addSeals(fd, SEALS | Memfd.F_SEAL_SEAL);
            return fd;
        } catch (LuoException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /**
     * Reads one that may be anything.
     *
     * @param most how many bytes it may have
     * @param what it should be, for messages
     * @return a copy of the bytes
     * @throws LuoException EBADMSG if it is no memfd, not sealed, empty or too long · EBADF · ENOMEM
     */
    public static ByteBuffer read(int fd, long most, String what) throws LuoException {
        Stat stat = Stat.of(fd);
        if (!stat.isRegular() || Stat.fileSystem(fd) != Stat.TMPFS_MAGIC) {
            throw LuoException.of(Errno.EBADMSG, what + ": not a memfd");
        }
        if ((Memfd.seals(fd) & SEALS) != SEALS) {
            throw LuoException.of(Errno.EBADMSG, what + ": not sealed, so not written by this platform");
        }
        if (stat.size() <= 0 || stat.size() > most) {
            throw LuoException.of(Errno.EBADMSG, what + ": " + stat.size() + " bytes");
        }
        try (Mapping mapping = Mapping.map(fd, 0, stat.size(), false)) {
            ByteBuffer copy = ByteBuffer.allocate((int) stat.size());
            MemorySegment.ofBuffer(copy).copyFrom(mapping.segment());
            return copy;
        } catch (OutOfMemoryError e) {
            throw LuoException.of(Errno.ENOMEM, what + ": " + stat.size() + " bytes", e);
        }
    }
}
