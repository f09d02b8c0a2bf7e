// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

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
 * Keeps shared memory that has no name: memfds, and files of a tmpfs opened with O_TMPFILE or unlinked since.
 *
 * <p>The open file itself crosses to the successor, so contents, holes, seals, mode, owner, times, position, access mode
 * and O_APPEND stay what they are, and nothing is copied. The state serves to check that the right file came, and that
 * nobody changed it on the way. It is the kernel's {@code memfd-v2} with a few fields more and none for pages, hence a
 * format of its own, {@code memfd-p1}: p for process.
 *
 * <p>Over a kexec the kernel carries contents, size, position and seals, and makes a new file of them; see {@link
 * #crossedKernel}. Times, owner, O_APPEND and O_NONBLOCK are lost there, and holes come back allocated.
 *
 * <p>Unlike the kernel's handler this one does not stop a preserved file from growing or shrinking, and what is changed
 * before the freeze goes over. Size and mode must not change from the freeze until the file is retrieved.
 *
 * @see <a href="https://docs.kernel.org/mm/memfd_preservation.html">memfd preservation in the kernel</a>
 */
@Component
public final class MemfdHandler implements FileHandler {
    private static final Compatible COMPATIBLE = Compatible.of("memfd-p1");
    private static final int EXECUTABLE = 0111;
    private static final int REHEARSALS = 12_000;
    private static final long REHEARSAL_NANOS = 200_000_000;

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            Stat stat = Stat.of(fd);
            long fileSystem = Stat.fileSystem(fd);
            if (!stat.isRegular()) {
                return Verdict.no("not a regular file");
            }
            if (fileSystem == Stat.HUGETLBFS_MAGIC) {
                return Verdict.no("hugetlb memory");
            }
            if (fileSystem != Stat.TMPFS_MAGIC) {
                return Verdict.no("on a file system of type 0x" + Long.toHexString(fileSystem) + ", not a tmpfs");
            }
            if (stat.links() != 0) {
                return Verdict.no("a tmpfs file that has a name");
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
        MemfdState state = MemfdState.of(fd, Fds.statusFlags(fd) & FileIo.O_ACCMODE);
        if ((state.seals() & ~MemfdCodec.KNOWN_SEALS) != 0) {
            throw LuoException.of(
                    Errno.EOPNOTSUPP,
                    "preserve memfd, fd " + fd + ": unknown seals in 0x" + Integer.toHexString(state.seals()));
        }
        return PluginState.of(MemfdCodec.encode(state), fd);
    }

    /** Nothing to undo. */
    @Override
    public void unpreserve(int fd, PluginState state) {}

    /**
     * Looks again at what may have changed and must be checked on the other side, size and mode, in one system call.
     * Seals can only have been added since, and position and flags cross with the open file.
     */
    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        Stat now = Stat.of(fd);
        return MemfdCodec.holds(state.data(), now)
                ? state
                : new PluginState(MemfdCodec.with(state.data(), now), state.fds());
    }

    /**
     * Gives back the fd that crossed, if it shows the file that was frozen, unchanged.
     *
     * <p>The position is neither checked nor set. It belongs to the open file, which crossed as it was; another process
     * of the workload may share it and have read on meanwhile, and to set it would be to disturb that one.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what of the file differs from it
     */
    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        MemfdState expected = decode(compatible, state);
        int fd = state.fds().getFirst();
        expected.verify(fd);
        return fd;
    }

    private static MemfdState decode(Compatible compatible, PluginState state) throws LuoException {
        if (!compatible.equals(COMPATIBLE)) {
            throw new IllegalArgumentException("state in the format " + compatible + ", not " + COMPATIBLE);
        }
        if (state.fds().size() != 1) {
            throw LuoException.of(
                    Errno.EBADMSG, "memfd state with " + state.fds().size() + " fds, expected 1");
        }
        return MemfdCodec.decode(state.data());
    }

    /**
     * {@inheritDoc}
     *
     * <p>What the kernel does not keep and nobody can put right: that the file is open for one direction only; and
     * F_SEAL_EXEC of a file that is not executable, since the kernel makes it executable first, and the seal then seals
     * its contents as well.
     */
    @Override
    public Verdict canCrossKernel(PluginState state) {
        try {
            MemfdState kept = MemfdCodec.decode(state.data());
            if (kept.access() != FileIo.O_RDWR) {
                return Verdict.no("it is open for reading or writing only, and would come back open for both");
            }
            boolean sealedMode = (kept.seals() & Memfd.F_SEAL_EXEC) != 0;
            return sealedMode && (kept.mode() & EXECUTABLE) != EXECUTABLE
                    ? Verdict.no("F_SEAL_EXEC, as of MFD_NOEXEC_SEAL: its contents would come back sealed")
                    : Verdict.yes();
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    /**
     * Checks size and seals, and gives the file its mode back, which the kernel does not keep.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what of the file differs from it
     */
    @Override
    public PluginState crossedKernel(Compatible compatible, PluginState state) throws LuoException {
        MemfdState expected = decode(compatible, state);
        int fd = state.fds().getFirst();
        return new PluginState(MemfdCodec.encode(expected.madeAnew(fd)), state.fds());
    }

    /** Whatever state it is in: the memory is in the file, and that stays. */
    @Override
    public Verdict canOutliveCrash(PluginState state) {
        return Verdict.yes();
    }

    /**
     * Checks that it is the same file, opened in the same way, and looks again at everything else, as a freeze does: size
     * and mode may have changed, and seals may have been added.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what of the file differs from it
     */
    @Override
    public PluginState outlivedCrash(Compatible compatible, PluginState state) throws LuoException {
        MemfdState before = decode(compatible, state);
        int fd = state.fds().getFirst();
        return new PluginState(MemfdCodec.encode(before.now(fd)), state.fds());
    }

    /** Nothing to free: when the orchestrator closes the last fd of a file nobody retrieved, its pages go. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {}

    /** Keeps a file of its own over and over. Ends quietly if it can't have one: nothing depends on it. */
    @Override
    public void rehearse() {
        try {
            int fd = Memfd.create("luo-rehearsal", Memfd.MFD_ALLOW_SEALING);
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
        for (int i = 0; i < REHEARSALS && System.nanoTime() < deadline; i++) {
            PluginState state = preserve(fd);
            FileIo.truncate(fd, i & 1);
            state = freeze(fd, state);
            retrieve(COMPATIBLE, state);
            unfreeze(fd, state);
            unpreserve(fd, state);
        }
    }
}
