// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.util.List;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps memory of huge pages that has no name: memfds of MFD_HUGETLB, and files of a hugetlbfs unlinked since.
 *
 * <p>The open file itself crosses to the successor, and with it everything: contents, holes, reserved pages, seals, mode,
 * position. Nothing is copied and no page changes hands, so the pools stay as they are. The state serves to check that
 * the right file came, and that nobody changed it on the way. Size and mode must not change from the freeze until the
 * file is retrieved.
 *
 * <p>All these files need {@link HugetlbFlb}. Whether it comes back has no say in whether they do.
 */
@Component
public final class HugeMemfdHandler implements FileHandler {
    private static final Compatible COMPATIBLE = Compatible.of("huge-memfd-p1");
    private static final int REHEARSALS = 12_000;
    private static final long REHEARSAL_NANOS = 200_000_000;

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    @Override
    public List<Compatible> flbs() {
        return List.of(HugetlbFlb.COMPATIBLE);
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            Stat stat = Stat.of(fd);
            if (!stat.isRegular()) {
                return Verdict.no("not a regular file");
            }
            if (Stat.fileSystem(fd) != Stat.HUGETLBFS_MAGIC) {
                return Verdict.no("not hugetlb memory");
            }
            if (stat.links() != 0) {
                return Verdict.no("a hugetlbfs file that has a name");
            }
            return (Fds.statusFlags(fd) & FileIo.O_PATH) != 0 ? Verdict.no("an O_PATH fd") : Verdict.yes();
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    /** Device and inode: fds opened anew by way of /proc show the same file. */
    @Override
    public FileIdentity identity(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return new FileIdentity(stat.device(), stat.inode());
    }

    /**
     * {@inheritDoc}
     *
     * @throws LuoException EOPNOTSUPP if the file has a seal that is not known here
     */
    @Override
    public PluginState preserve(int fd) throws LuoException {
        HugeMemfdState state = HugeMemfdState.of(fd);
        if ((state.seals() & ~HugeMemfdCodec.KNOWN_SEALS) != 0) {
            throw LuoException.of(
                    Errno.EOPNOTSUPP,
                    "preserve hugetlb memfd, fd " + fd + ": unknown seals in 0x" + Integer.toHexString(state.seals()));
        }
        return PluginState.of(HugeMemfdCodec.encode(state), fd);
    }

    /** Nothing to undo. */
    @Override
    public void unpreserve(int fd, PluginState state) {}

    /** Looks again at what may have changed and must be checked on the other side, size and mode, in one system call. */
    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        Stat now = Stat.of(fd);
        return HugeMemfdCodec.holds(state.data(), now)
                ? state
                : new PluginState(HugeMemfdCodec.with(state.data(), now), state.fds());
    }

    /**
     * Gives back the fd that crossed, if it shows the file that was frozen, unchanged.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what of the file differs from it
     */
    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        if (!compatible.equals(COMPATIBLE)) {
            throw new IllegalArgumentException("state in the format " + compatible + ", not " + COMPATIBLE);
        }
        if (state.fds().size() != 1) {
            throw LuoException.of(
                    Errno.EBADMSG, "hugetlb memfd state with " + state.fds().size() + " fds, expected 1");
        }
        int fd = state.fds().getFirst();
        HugeMemfdCodec.decode(state.data()).verify(fd);
        return fd;
    }

    /** Nothing to free: when the orchestrator closes the last fd of a file nobody retrieved, its pages go. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {}

    /** Keeps a file of its own over and over, without a page. Ends quietly if it can't have one: nothing depends on it. */
    @Override
    public void rehearse() {
        try {
            int fd = Memfd.create("luo-rehearsal", Memfd.MFD_HUGETLB | Memfd.MFD_ALLOW_SEALING);
            try {
                rehearse(fd, System.nanoTime() + REHEARSAL_NANOS);
            } finally {
                Fds.close(fd);
            }
        } catch (LuoException e) {
            // then the first freeze takes longer
        }
    }

    private void rehearse(int fd, long deadline) throws LuoException {
        long page = Stat.blockSize(fd);
        for (int i = 0; i < REHEARSALS && System.nanoTime() < deadline; i++) {
            PluginState state = preserve(fd);
            FileIo.truncate(fd, (i & 1) * page);
            state = freeze(fd, state);
            retrieve(COMPATIBLE, state);
            unfreeze(fd, state);
            unpreserve(fd, state);
        }
    }
}
