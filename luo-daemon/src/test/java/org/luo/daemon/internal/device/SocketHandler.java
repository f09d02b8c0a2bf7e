// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Stat;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** Takes sockets, and can be held or made to fail. */
final class SocketHandler implements FileHandler {
    /** Preserving waits for it, unless it is null; the other has been reached by then. */
    volatile CountDownLatch go;

    final CountDownLatch reached = new CountDownLatch(1);

    /** Retrieving fails with it, unless it is null. */
    volatile Errno failure;

    volatile int retrievals;
    volatile boolean keeps;

    @Override
    public Compatible compatible() {
        return Compatible.of("socket-test");
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            return Stat.of(fd).isSocket() ? Verdict.yes() : Verdict.no("no socket");
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return new FileIdentity(stat.device(), stat.inode());
    }

    @Override
    public PluginState preserve(int fd) {
        CountDownLatch latch = go;
        if (latch != null) {
            reached.countDown();
            try {
                latch.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return PluginState.of(new byte[0], fd);
    }

    @Override
    public void unpreserve(int fd, PluginState state) {}

    @Override
    public synchronized int retrieve(Compatible compatible, PluginState state) throws LuoException {
        retrievals++;
        if (failure != null) {
            throw LuoException.of(failure, "told to fail");
        }
        return state.fds().getFirst();
    }

    @Override
    public Verdict canFinish(PluginState state, Retrieval retrieval) {
        return keeps ? Verdict.no("told to keep it") : Verdict.yes();
    }

    @Override
    public void finish(PluginState state, Retrieval retrieval) {}
}
