// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Stat;

/**
 * What can be seen of any open file.
 *
 * @param position -1 where there is none
 * @param flags as F_GETFL gives them
 * @param size in bytes
 * @param mode kind and permissions
 */
record Look(long position, int flags, long size, int mode) {
    static Look at(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return new Look(position(fd), Fds.statusFlags(fd), stat.size(), stat.mode());
    }

    private static long position(int fd) {
        try {
            return FileIo.position(fd);
        } catch (LuoException e) {
            return -1;
        }
    }
}
