// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

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

/** The memfd that a {@link Ledger} lies in: sealed, so that nobody can have changed it since. */
final class LedgerFile {
    private static final int SEALS = Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_WRITE;

    private LedgerFile() {}

    /**
     * Writes one.
     *
     * @return its fd, which is the caller's
     * @throws LuoException EMFILE · ENOMEM · ENOSPC
     */
    static int write(Ledger ledger) throws LuoException {
        int fd = Memfd.create(Ledger.name(ledger.sequence()), Memfd.MFD_ALLOW_SEALING);
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer head = ledger.head();
            FileIo.pwrite(fd, copy(head, arena), 0);
            FileIo.pwrite(fd, copy(ledger.image(), arena), head.limit());
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
    static Ledger read(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        if (!stat.isRegular() || Stat.fileSystem(fd) != Stat.TMPFS_MAGIC) {
            throw LuoException.of(Errno.EBADMSG, "ledger of the fd store: not a memfd");
        }
        if ((Memfd.seals(fd) & SEALS) != SEALS) {
            throw LuoException.of(Errno.EBADMSG, "ledger of the fd store: not sealed, so not written by this platform");
        }
        if (stat.size() <= 0 || stat.size() > Ledger.MAX_BYTES) {
            throw LuoException.of(Errno.EBADMSG, "ledger of the fd store: " + stat.size() + " bytes");
        }
        try (Mapping mapping = Mapping.map(fd, 0, stat.size(), false)) {
            ByteBuffer copy = ByteBuffer.allocate((int) stat.size());
            MemorySegment.ofBuffer(copy).copyFrom(mapping.segment());
            return Ledger.read(copy);
        } catch (OutOfMemoryError e) {
            throw LuoException.of(Errno.ENOMEM, "ledger of the fd store: " + stat.size() + " bytes", e);
        }
    }
}
