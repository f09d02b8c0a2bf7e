// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.file.Path;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;

/** This process's table of fds: how full it is, and room for more. */
final class FdTable {
    /** What this process may open besides while fds arrive: jars, sockets, log files. */
    private static final int SPARE = 256;

    private FdTable() {}

    /** How many fds are open. */
    static int open() {
        // The fd that lists them is among them.
        String[] names = Path.of("/proc/self/fd").toFile().list();
        return names == null ? 0 : names.length - 1;
    }

    /**
     * How many may be open.
     *
     * @throws LuoException never in practice
     */
    static long limit() throws LuoException {
        long hard = Fds.rlimitNofile().hard();
        return hard < 0 ? Integer.MAX_VALUE : hard;
    }

    /**
     * Makes room for fds that will arrive: raises the limit as far as it goes, and has the kernel's table large enough.
     *
     * @param least how many will arrive at least
     * @param most how many may arrive
     * @return how many could
     * @throws LuoException EMFILE if the limit does not allow the least
     */
    static long makeRoom(int least, int most) throws LuoException {
        Fds.Limit limit = Fds.rlimitNofile();
        if (limit.soft() != limit.hard()) {
            limit = Fds.raiseNofile();
        }
        long open = open();
        long allowed = limit.soft() < 0 ? Integer.MAX_VALUE : limit.soft();
        if (open + least > allowed) {
            throw LuoException.of(
                    Errno.EMFILE,
                    "room for " + Amount.of(least, "fd") + ": " + open + " are open, and at most " + allowed
                            + " may be (RLIMIT_NOFILE, hard)");
        }
        Fds.expandTable((int) Math.min(allowed, open + most + SPARE));
        return allowed - open;
    }
}
