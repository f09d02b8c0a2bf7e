// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import org.luo.LuoException;
import org.luo.Session;

/**
 * Makes fds of sessions that were not created over the device: for a part of the daemon that keeps sessions for its
 * clients. An OSGi service of this bundle.
 */
public interface SessionFds {
    /**
     * A session's fd, which understands the same ioctls as one that the device gave out.
     *
     * <p>The session belongs to the fd from here on: it is closed when the last copy of the fd is, here and in every
     * process it was passed to. So whoever keeps this one keeps the session, and closing it lets the session go to those
     * who hold the others. After a live update it is of no use any more, and the session can be retrieved.
     *
     * <p>Undo: {@link org.luo.linux.Fds#close}.
     *
     * @param session an outgoing or an incoming one
     * @return a close-on-exec fd, the caller's
     * @throws LuoException EAGAIN if the door is not open · EMFILE; the session stays the caller's
     */
    int open(Session session) throws LuoException;
}
