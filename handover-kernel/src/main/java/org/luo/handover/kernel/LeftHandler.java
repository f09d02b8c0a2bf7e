// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** Stands in for files that were left behind: preserves none, and says of each why it is not there. */
final class LeftHandler implements FileHandler {
    @Override
    public Compatible compatible() {
        return LeftState.FORMAT;
    }

    @Override
    public Verdict canPreserve(int fd) {
        return Verdict.no("stands for files that were left behind at a kexec");
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        throw LuoException.of(Errno.EOPNOTSUPP, "identity of fd " + fd + ": not a file left behind");
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        throw LuoException.of(Errno.EOPNOTSUPP, "preserve fd " + fd + ": not a file left behind");
    }

    /** There is none. */
    @Override
    public void unpreserve(int fd, PluginState state) {}

    /** It can be left behind again. */
    @Override
    public Verdict canCrossKernel(PluginState state) {
        return Verdict.yes();
    }

    /** There is nothing that could be lost. */
    @Override
    public Verdict canOutliveCrash(PluginState state) {
        return Verdict.yes();
    }

    /**
     * {@inheritDoc}
     *
     * @throws LuoException ENODATA, with the kind of file it was and why it was left behind · EBADMSG
     */
    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        LeftState left = LeftState.decode(state.data());
        throw LuoException.of(
                Errno.ENODATA,
                "retrieve: the file, " + left.compatible() + ", was left behind at the kexec: " + left.reason());
    }

    /** Nothing is left to dispose of. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {}
}
