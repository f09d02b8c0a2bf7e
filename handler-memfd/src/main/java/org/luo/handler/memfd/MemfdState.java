// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

/**
 * What there is to know about a memfd besides its contents.
 *
 * @param position of the open file, in bytes
 * @param size in bytes
 * @param seals F_SEAL_ bits
 * @param access O_RDONLY, O_WRONLY or O_RDWR
 * @param device half of its identity
 * @param inode the other half
 * @param mode kind and permissions
 */
record MemfdState(long position, long size, int seals, int access, long device, long inode, int mode) {
    private static final int PERMISSIONS = 07777;

    /**
     * The state of an open file now, in three calls.
     *
     * @param access what never changes and is known already
     * @throws LuoException EBADF
     */
    static MemfdState of(int fd, int access) throws LuoException {
        Stat stat = Stat.of(fd);
        long position = FileIo.position(fd);
        int seals = Memfd.seals(fd);
        return new MemfdState(position, stat.size(), seals, access, stat.device(), stat.inode(), stat.mode());
    }

    /**
     * Checks that an open file is the one this state was made of, and that it has not changed since. The position may
     * have, see {@link MemfdHandler#retrieve}, and seals may have been added: none can ever be missing. Another file is
     * not asked for its seals, since it may be of a kind that has none.
     *
     * @throws LuoException EBADMSG naming what differs · EBADF
     */
    void verify(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        boolean same = stat.device() == device && stat.inode() == inode;
        MemfdState found = same
                ? of(fd, Fds.statusFlags(fd) & FileIo.O_ACCMODE)
                : new MemfdState(position, size, seals, access, stat.device(), stat.inode(), mode);
        if (!equals(found.as(position, found.seals & seals))) {
            throw LuoException.of(Errno.EBADMSG, "retrieve memfd, fd " + fd + ": " + difference(found));
        }
    }

    /**
     * The state of a file that the kernel has made of the one that this state was made of. The position is the new
     * file's.
     *
     * @throws LuoException EBADMSG naming what differs · EPERM if it can't have its mode back · EBADF
     */
    MemfdState madeAnew(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        boolean shared = stat.isRegular() && Stat.fileSystem(fd) == Stat.TMPFS_MAGIC;
        MemfdState found = shared
                ? of(fd, Fds.statusFlags(fd) & FileIo.O_ACCMODE)
                : new MemfdState(0, -1, 0, access, stat.device(), stat.inode(), mode);
        MemfdState anew = new MemfdState(
                found.position, size, found.seals | seals, access, found.device, found.inode, found.mode);
        if (!found.equals(anew)) {
            throw LuoException.of(Errno.EBADMSG, "memfd after a kexec, fd " + fd + ": " + anew.difference(found));
        }
        if (found.mode != mode) {
            FileIo.chmod(fd, mode & PERMISSIONS);
        }
        return new MemfdState(found.position, size, seals, access, found.device, found.inode, mode);
    }

    /**
     * The state of the same open file now, which nobody has frozen.
     *
     * @throws LuoException EBADMSG naming what differs and can't · EBADF
     */
    MemfdState now(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        boolean same = stat.device() == device && stat.inode() == inode;
        MemfdState found = same
                ? of(fd, Fds.statusFlags(fd) & FileIo.O_ACCMODE)
                : new MemfdState(position, size, seals, access, stat.device(), stat.inode(), mode);
        if (!same || found.access != access || (found.seals & seals) != seals) {
            MemfdState expected = new MemfdState(found.position, found.size, seals, access, device, inode, found.mode);
            throw LuoException.of(Errno.EBADMSG, "memfd after a crash, fd " + fd + ": " + expected.difference(found));
        }
        return found;
    }

    private MemfdState as(long otherPosition, int otherSeals) {
        return new MemfdState(otherPosition, size, otherSeals, access, device, inode, mode);
    }

    private String difference(MemfdState found) {
        if (device != found.device) {
            return String.format("device 0x%x, expected 0x%x", found.device, device);
        } else if (inode != found.inode) {
            return String.format(
                    "inode %s, expected %s", Long.toUnsignedString(found.inode), Long.toUnsignedString(inode));
        } else if (size != found.size) {
            return String.format("size %d, expected %d", found.size, size);
        } else if ((found.seals & seals) != seals) {
            return String.format("seals 0x%x, expected 0x%x", found.seals, seals);
        } else if (mode != found.mode) {
            return String.format("mode 0%o, expected 0%o", found.mode, mode);
        }
        return String.format("access mode %d, expected %d", found.access, access);
    }
}
