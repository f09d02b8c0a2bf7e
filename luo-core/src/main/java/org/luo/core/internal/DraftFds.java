// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import org.luo.LuoException;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileDescriptors;

/**
 * Keeps the fds of a draft open while it is passed. What the core would close meanwhile is closed at the end; of what a
 * plug-in may close, the draft has copies.
 *
 * <p>Thread-safe; its lock is a leaf.
 */
final class DraftFds implements AutoCloseable {
    private final FileDescriptors fds;

    // Guarded by this.
    private final List<Integer> own = new ArrayList<>();
    private boolean closed;

    DraftFds(FileDescriptors fds) {
        this.fds = fds;
    }

    /**
     * The same, to be passed. The lock that keeps the fds open is held.
     *
     * @param lent the fd that is the core's
     */
    Carried copy(Carried carried, int lent) throws LuoException {
        if (carried.files().size() == 1 && carried.files().getFirst().fd() == lent) {
            return carried;
        }
        List<OpenFile> files = new ArrayList<>(carried.files().size());
        for (OpenFile file : carried.files()) {
            files.add(file.fd() == lent ? file : copy(file));
        }
        return new Carried(carried.state(), files);
    }

    private synchronized OpenFile copy(OpenFile file) throws LuoException {
        int fd = fds.duplicate(file.fd());
        own.add(fd);
        return new OpenFile(fd, file.identity());
    }

    /** Takes over to close an fd of the core's; false if the draft has been closed. */
    synchronized boolean take(int fd) {
        return !closed && own.add(fd);
    }

    /** Closing twice does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        own.forEach(fds::close);
        own.clear();
    }
}
