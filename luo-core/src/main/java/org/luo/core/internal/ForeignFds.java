// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.PluginState;

/**
 * Refuses fds that a plug-in returns and that can't be its own: none at all, the process's standard streams, and those
 * of the orchestrator's other files. Closing or passing one would hit somebody else's file.
 *
 * <p>Looks through all files, so it is asked only where a plug-in returns another fd than it was lent.
 */
final class ForeignFds {
    private static final int STANDARD_STREAMS = 3;

    private ForeignFds() {}

    /**
     * Looks at a plug-in's state.
     *
     * @param lent the fd that was lent to it, which it may return; -1 if none was
     * @throws LuoException EINVAL if one of its fds is another's · EBADF if one is negative
     */
    static void refuse(Core core, Object who, PluginState state, int lent) throws LuoException {
        for (int fd : state.fds()) {
            if (fd != lent) {
                refuse(core, "state of " + who, fd);
            }
        }
    }

    /**
     * Looks at an fd that was opened for the orchestrator.
     *
     * @throws LuoException EINVAL if it is another's · EBADF if it is negative or not open
     */
    static void refuseRetrieved(Core core, Object who, int fd) throws LuoException {
        refuse(core, "retrieve of " + who, fd);
        core.fds().identity(fd);
    }

    private static void refuse(Core core, String what, int fd) throws LuoException {
        if (fd < 0) {
            throw LuoException.of(Errno.EBADF, what + " returned fd " + fd);
        }
        if (fd < STANDARD_STREAMS) {
            throw LuoException.of(Errno.EINVAL, what + " returned fd " + fd + ", a standard stream");
        }
        Object holder = core.sessions().holder(fd);
        if (holder != null) {
            throw LuoException.of(Errno.EINVAL, what + " returned fd " + fd + ", which is kept for " + holder);
        }
    }
}
