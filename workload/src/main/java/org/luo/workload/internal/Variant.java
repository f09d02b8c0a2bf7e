// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import static org.luo.linux.Memfd.F_SEAL_FUTURE_WRITE;
import static org.luo.linux.Memfd.F_SEAL_GROW;
import static org.luo.linux.Memfd.F_SEAL_SEAL;
import static org.luo.linux.Memfd.F_SEAL_SHRINK;
import static org.luo.linux.Memfd.F_SEAL_WRITE;
import static org.luo.linux.Memfd.MFD_ALLOW_SEALING;
import static org.luo.linux.Memfd.MFD_HUGETLB;
import static org.luo.linux.Memfd.MFD_NOEXEC_SEAL;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Memfd;

/** The kinds of memfd that the workload makes in turn. */
enum Variant {
    PLAIN(MFD_ALLOW_SEALING, 0),
    FIXED_SIZE(MFD_ALLOW_SEALING, F_SEAL_SHRINK | F_SEAL_GROW),
    NO_MORE_SEALS(MFD_ALLOW_SEALING, F_SEAL_SEAL | F_SEAL_SHRINK),
    /** Writable through the mapping that the workload has, and in no other way. */
    MAPPED_ONLY(MFD_ALLOW_SEALING, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE),
    /** Mode 0666. */
    NOT_EXECUTABLE(MFD_NOEXEC_SEAL, F_SEAL_SHRINK),
    READ_ONLY(MFD_ALLOW_SEALING, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
    UNSEALABLE(0, 0);

    private final int flags;
    private final int seals;

    Variant(int flags, int seals) {
        this.flags = flags;
        this.seals = seals;
    }

    static Variant of(long file) {
        return values()[(int) (file % values().length)];
    }

    /** Whether it can be written once it is preserved. */
    boolean writable() {
        return (seals & F_SEAL_WRITE) == 0;
    }

    /** A new memfd, of huge pages if wanted; a plain one where the kernel is too old for the kind (MFD_NOEXEC_SEAL came with 6.3). */
    int create(String name, boolean huge) throws LuoException {
        int pages = huge ? MFD_HUGETLB : 0;
        try {
            return Memfd.create(name, flags | pages);
        } catch (LuoException e) {
            if (e.errno() != Errno.EINVAL || flags != MFD_NOEXEC_SEAL) {
                throw e;
            }
            return Memfd.create(name, MFD_ALLOW_SEALING | pages);
        }
    }

    /** Adds the seals. A writable mapping must be gone if it is not {@link #writable}. */
    void seal(int fd) throws LuoException {
        if (seals != 0) {
            Memfd.addSeals(fd, seals);
        }
    }
}
