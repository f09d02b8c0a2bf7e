// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.util.List;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** A handler of a file of its own beside those under test, which fails when it is told to. */
final class Bystander implements FileHandler, AutoCloseable {
    private final int fd;
    private final FileIdentity own;
    private final List<Compatible> flbs;
    boolean failsToPreserve;
    boolean failsToFreeze;

    /** With a file of its own, and no other. */
    Bystander() throws LuoException {
        this.fd = Memfd.create("bystander", 0);
        this.own = identity(fd);
        this.flbs = List.of();
    }

    /** For every file; each needs this FLB. */
    Bystander(Compatible flb) {
        this.fd = -1;
        this.own = null;
        this.flbs = List.of(flb);
    }

    /** Its file. */
    int fd() {
        return fd;
    }

    @Override
    public Compatible compatible() {
        return Compatible.of("luo-testkit-bystander");
    }

    @Override
    public List<Compatible> flbs() {
        return flbs;
    }

    @Override
    public Verdict canPreserve(int asked) {
        try {
            return own == null || identity(asked).equals(own) ? Verdict.yes() : Verdict.no("not the bystander's");
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    @Override
    public FileIdentity identity(int asked) throws LuoException {
        Stat stat = Stat.of(asked);
        return new FileIdentity(stat.device(), stat.inode());
    }

    @Override
    public PluginState preserve(int asked) throws LuoException {
        fail(failsToPreserve);
        return PluginState.of(new byte[0], asked);
    }

    @Override
    public void unpreserve(int asked, PluginState state) {}

    @Override
    public PluginState freeze(int asked, PluginState state) throws LuoException {
        fail(failsToFreeze);
        return state;
    }

    private static void fail(boolean told) throws LuoException {
        if (told) {
            throw LuoException.of(Errno.EIO, "the bystander was told to fail");
        }
    }

    @Override
    public int retrieve(Compatible compatible, PluginState state) {
        return state.fds().getFirst();
    }

    @Override
    public void finish(PluginState state, Retrieval retrieval) {}

    @Override
    public void close() {
        if (fd >= 0) {
            Fds.close(fd);
        }
    }
}
