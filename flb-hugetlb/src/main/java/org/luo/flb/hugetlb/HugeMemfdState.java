// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

/**
 * What there is to know about a memfd of huge pages besides its contents.
 *
 * @param position of the open file, in bytes
 * @param size in bytes, whole pages
 * @param seals F_SEAL_ bits
 * @param access O_RDONLY, O_WRONLY or O_RDWR
 * @param pageSize of its pages, in bytes
 * @param device half of its identity
 * @param inode the other half
 * @param mode kind and permissions
 */
record HugeMemfdState(
        long position, long size, int seals, int access, long pageSize, long device, long inode, int mode) {
    /**
     * The state of an open file now, in five calls.
     *
     * @throws LuoException EBADF
     */
    static HugeMemfdState of(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return new HugeMemfdState(
                FileIo.position(fd),
                stat.size(),
                Memfd.seals(fd),
                Fds.statusFlags(fd) & FileIo.O_ACCMODE,
                Stat.blockSize(fd),
                stat.device(),
                stat.inode(),
                stat.mode());
    }

    /**
     * Checks that an open file is the one this state was made of, and that it has not changed since. The position may
     * have, since whoever shares the open file may have read on, and seals may have been added: none can ever be
     * missing. Another file is asked for nothing more, since it may be of a kind that has no seals.
     *
     * @throws LuoException EBADMSG naming what differs · EBADF
     */
    void verify(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        require(fd, "device", stat.device(), device);
        require(fd, "inode", stat.inode(), inode);
        HugeMemfdState found = of(fd);
        require(fd, "page size", found.pageSize, pageSize);
        require(fd, "size", found.size, size);
        require(fd, "seals", found.seals & seals, seals);
        require(fd, "mode", found.mode, mode);
        require(fd, "access mode", found.access, access);
    }

    private static void require(int fd, String what, long found, long expected) throws LuoException {
        if (found != expected) {
            throw LuoException.of(
                    Errno.EBADMSG,
                    "retrieve hugetlb memfd, fd " + fd + ": "
                            + String.format("%s 0x%x, expected 0x%x", what, found, expected));
        }
    }
}
