// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handler.iommu.Iommufds;
import org.luo.linux.FileIo;
import org.luo.linux.Stat;
import org.luo.linux.Sysfs;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps iommufds, open files of {@code /dev/iommu}: whatever is mapped in one stays mapped, and the devices bound to it
 * go on with their DMA, since the open file itself crosses and is never without a holder.
 *
 * <p>An iommufd is recognized by its device number, which sysfs translates; names decide nothing. The state says which
 * objects it had when it was preserved: whoever uses it may make and destroy objects all the while, so of those only one
 * must be there when it is retrieved. Across a kexec nothing of this holds.
 *
 * @see <a href="https://docs.kernel.org/userspace-api/iommufd.html">IOMMUFD</a>
 */
@Component(service = {FileHandler.class, Iommufds.class})
public final class IommuHandler implements FileHandler, Iommufds {
    static final Path IOMMU = Path.of("devices/virtual/misc/iommu");

    private static final Compatible COMPATIBLE = Compatible.of("iommufd-p1");
    private static final int REHEARSALS = 200;

    private final Sysfs sysfs;
    private final IommufdCalls calls;
    private final Contexts contexts;

    /** Called by Declarative Services. */
    @Activate
    public IommuHandler() {
        this(Sysfs.OF_THIS_MACHINE, IommufdCalls.LINUX);
    }

    IommuHandler(Sysfs sysfs, IommufdCalls calls) {
        this.sysfs = sysfs;
        this.calls = calls;
        this.contexts = new Contexts(calls);
    }

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    @Override
    public List<Compatible> flbs() {
        return List.of(IommuCoreFlb.COMPATIBLE);
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            Stat stat = calls.stat(fd);
            if (!stat.isCharacterDevice()) {
                return Verdict.no("not a character device");
            }
            if ((calls.flags(fd) & FileIo.O_PATH) != 0) {
                return Verdict.no("an O_PATH fd");
            }
            return isIommu(stat.rdev()) ? Verdict.yes() : Verdict.no("a character device, and not /dev/iommu");
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    private boolean isIommu(long device) throws LuoException {
        return sysfs.characterDevice(device)
                .filter(sysfs.root().resolve(IOMMU)::equals)
                .isPresent();
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return contexts.identity(fd);
    }

    @Override
    public Optional<FileIdentity> boundTo(int device) throws LuoException {
        return contexts.boundTo(device);
    }

    @Override
    public boolean has(FileIdentity iommufd) {
        return contexts.has(iommufd);
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        IommufdState state = new IommufdState(
                calls.stat(fd).rdev(), calls.flags(fd) & FileIo.O_ACCMODE, IommufdState.objects(calls, fd));
        contexts.keep(fd);
        return PluginState.of(IommufdCodec.encode(state), fd);
    }

    @Override
    public void unpreserve(int fd, PluginState state) {
        contexts.drop(fd);
    }

    /** Sees that it still answers, in one system call. */
    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        calls.ranges(fd, 0);
        return state;
    }

    @Override
    public Verdict canCrossKernel(PluginState state) {
        return Verdict.no("no kernel keeps an iommufd and its mappings over a kexec");
    }

    /**
     * Gives back the fd that crossed, if it is an iommufd that answers and has one of the objects that are known.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what is not so
     */
    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        if (!compatible.equals(COMPATIBLE)) {
            throw new IllegalArgumentException("state in the format " + compatible + ", not " + COMPATIBLE);
        }
        check(state.fds().size() == 1, state.fds().size() + " fds, expected 1");
        IommufdState expected = IommufdCodec.decode(state.data());
        int fd = state.fds().getFirst();
        Stat stat = calls.stat(fd);
        check(
                stat.isCharacterDevice() && stat.rdev() == expected.device() && isIommu(stat.rdev()),
                "fd " + fd + " is not /dev/iommu");
        int access = calls.flags(fd) & FileIo.O_ACCMODE;
        check(access == expected.access(), "access mode " + access + ", expected " + expected.access());
        check(
                expected.isSeenIn(calls, fd),
                "fd " + fd + " has none of its " + expected.objects().size() + " objects");
        contexts.keep(fd);
        return fd;
    }

    /** Nothing to free but its number: when the last fd is closed, the kernel unmaps everything. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {
        if (retrieval.retrieved()) {
            contexts.drop(retrieval.fd());
        }
    }

    /** Freezes what is no iommufd: the way into the kernel and back is the same. Only where there is one to freeze. */
    @Override
    public void rehearse() {
        PluginState state = PluginState.empty();
        for (int i = 0; i < REHEARSALS && !contexts.isEmpty(); i++) {
            try {
                freeze(-1, state);
            } catch (LuoException e) {
                // as expected: no such fd
            }
        }
    }

    private static void check(boolean right, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, "retrieve iommufd: " + problem);
        }
    }
}
