// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Mapping;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

/** The memfd that an {@link Envelope} lies in: sealed, so that nobody can have changed it on the way. */
final class EnvelopeFile {
    private static final int SEALS = Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_WRITE;

    private EnvelopeFile() {}

    /**
     * Writes one.
     *
     * @return its fd, which is the caller's
     * @throws LuoException EMFILE · ENOMEM · ENOSPC
     */
    static int write(Envelope envelope) throws LuoException {
        int fd = Memfd.create("luo-kexec", Memfd.MFD_ALLOW_SEALING);
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer head = envelope.head();
            FileIo.pwrite(fd, copy(head, arena), 0);
            FileIo.pwrite(fd, copy(envelope.image(), arena), head.limit());
            Memfd.addSeals(fd, SEALS | Memfd.F_SEAL_SEAL);
            return fd;
        } catch (LuoException e) {
            Fds.close(fd);
            throw e;
        }
    }

    private static MemorySegment copy(ByteBuffer bytes, Arena arena) {
        MemorySegment heap = MemorySegment.ofBuffer(bytes);
        return arena.allocate(heap.byteSize()).copyFrom(heap);
    }

    /**
     * Reads one that may be anything. The bytes are a copy.
     *
     * @throws LuoException EBADMSG if it is none of ours
     */
    static Envelope read(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        if (!stat.isRegular() || Stat.fileSystem(fd) != Stat.TMPFS_MAGIC) {
            throw LuoException.of(Errno.EBADMSG, "kexec envelope: not a memfd");
        }
        if ((Memfd.seals(fd) & SEALS) != SEALS) {
            throw LuoException.of(Errno.EBADMSG, "kexec envelope: not sealed, so not written by this platform");
        }
        if (stat.size() <= 0 || stat.size() > Envelope.MAX_BYTES) {
            throw LuoException.of(Errno.EBADMSG, "kexec envelope of " + stat.size() + " bytes");
        }
        try (Mapping mapping = Mapping.map(fd, 0, stat.size(), false)) {
            ByteBuffer copy = ByteBuffer.allocate((int) stat.size());
            MemorySegment.ofBuffer(copy).copyFrom(mapping.segment());
            return Envelope.read(copy);
        } catch (OutOfMemoryError e) {
            throw LuoException.of(Errno.ENOMEM, "kexec envelope of " + stat.size() + " bytes", e);
        }
    }
}
