// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handler.iommu.Iommufds;
import org.luo.linux.FileIo;
import org.luo.linux.Sysfs;
import org.luo.spi.FileDependency;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps PCI devices of VFIO, open files of {@code /dev/vfio/devices/vfioN}. The open file crosses as it is and is never
 * without a holder, so the kernel does not reset the device: it goes on with its DMA all the while.
 *
 * <p>A device is of no use without the iommufd it is bound to, and the update is refused if that one is not preserved as
 * well. The state serves to check that the right device came, and that it is described as it was.
 *
 * <p>Refused with the reason, as in the kernel: physical functions whose virtual functions are enabled, devices that
 * share a group with others, devices without an IOMMU, and the files of the legacy interface.
 *
 * @see <a href="https://docs.kernel.org/driver-api/vfio.html">VFIO</a>
 */
@Component
public final class VfioHandler implements FileHandler {
    static final Compatible COMPATIBLE = Compatible.of("vfio-pci-p1");

    /** Other name spaces than that of device numbers, which have 32 bits. */
    private static final long DEVICES = 0x7666_696f_2d64_6576L; // vfio-dev

    private static final long UNKNOWN_IOMMUFDS = 0x696f_6d6d_753f_0000L; // iommu?

    private static final int REHEARSALS = 200;
    private static final long NULL_DEVICE = 0x103;

    private final Sysfs sysfs;
    private final DeviceCalls calls;
    private final Iommufds iommufds;

    /** The iommufd that a preserved device is bound to, by the device's fd; known once somebody has asked. */
    private final ConcurrentMap<Integer, FileDependency> bound = new ConcurrentHashMap<>();

    /** Called by Declarative Services. */
    @Activate
    public VfioHandler(@Reference Iommufds iommufds) {
        this(Sysfs.OF_THIS_MACHINE, DeviceCalls.LINUX, iommufds);
    }

    VfioHandler(Sysfs sysfs, DeviceCalls calls, Iommufds iommufds) {
        this.sysfs = sysfs;
        this.calls = calls;
        this.iommufds = iommufds;
    }

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    @Override
    public List<Compatible> flbs() {
        return List.of(Compatible.of("iommu-core-v1"), PciCoreFlb.COMPATIBLE);
    }

    @Override
    public boolean hasDependencies() {
        return true;
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            VfioFile file = VfioFile.of(sysfs, calls, fd);
            file.function().requireAlone(sysfs, file.path());
            return Verdict.yes();
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    /** The device: of all who have it open only one can have bound it. */
    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return new FileIdentity(DEVICES, calls.stat(fd).rdev());
    }

    /**
     * {@inheritDoc}
     *
     * @throws LuoException EINVAL if it is not bound to an iommufd · EOPNOTSUPP, ENODEV, EBADMSG as it is not so any
     *     more that it can be preserved
     */
    @Override
    public PluginState preserve(int fd) throws LuoException {
        return PluginState.of(VfioCodec.encode(read(fd)), fd);
    }

    private VfioState read(int fd) throws LuoException {
        VfioFile file = VfioFile.of(sysfs, calls, fd);
        file.function().requireAlone(sysfs, file.path());
        return VfioState.of(calls, fd, file.number(), calls.flags(fd) & FileIo.O_ACCMODE, file.function());
    }

    @Override
    public void unpreserve(int fd, PluginState state) {
        bound.remove(fd);
    }

    /**
     * The iommufd that the device is bound to. The kernel is asked once; in the blackout it is known.
     *
     * @throws LuoException EOPNOTSUPP if the kernel can't be asked
     */
    @Override
    public List<FileDependency> dependencies(int fd, PluginState state) throws LuoException {
        FileDependency known = bound.get(fd);
        if (known == null || !iommufds.has(known.identity())) {
            Optional<FileIdentity> found = iommufds.boundTo(fd);
            VfioState device = VfioCodec.decode(state.data());
            known = new FileDependency(
                    "the iommufd that VFIO device " + device.function().address() + " is bound to",
                    found.orElseGet(() -> new FileIdentity(UNKNOWN_IOMMUFDS, device.number())));
            if (found.isPresent()) {
                bound.put(fd, known);
            } else {
                bound.remove(fd);
            }
        }
        return List.of(known);
    }

    /**
     * Sees, in two system calls, that the device is still there and answers as before.
     *
     * @throws LuoException ENODEV if its driver has let it go
     */
    @Override
    public PluginState freeze(int fd, PluginState state) throws LuoException {
        VfioState device = VfioCodec.decode(state.data());
        boolean there = sysfs.characterDevice(device.number())
                .filter(path -> isOf(path, device.function()))
                .isPresent();
        if (!there || !device.fits(calls.info(fd))) {
            throw LuoException.of(
                    Errno.ENODEV,
                    "freeze VFIO device " + device.function().address() + ", fd " + fd + ": "
                            + (there ? "it is not as it was" : "it was unbound from its driver, or has been removed"));
        }
        return state;
    }

    private static boolean isOf(Path path, PciFunction function) {
        return PciFunction.isVfioDevice(path)
                && PciFunction.directory(path).endsWith(function.address().toString());
    }

    @Override
    public Verdict canCrossKernel(PluginState state) {
        return Verdict.no("no kernel keeps a VFIO device over a kexec: it would be reset");
    }

    /**
     * Gives back the fd that crossed, if it shows the device, bound, and as it was.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what differs · ENODEV · EINVAL if it is not
     *     bound
     */
    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        if (!compatible.equals(COMPATIBLE)) {
            throw new IllegalArgumentException("state in the format " + compatible + ", not " + COMPATIBLE);
        }
        if (state.fds().size() != 1) {
            throw LuoException.of(
                    Errno.EBADMSG, "VFIO state with " + state.fds().size() + " fds, expected 1");
        }
        VfioState expected = VfioCodec.decode(state.data());
        int fd = state.fds().getFirst();
        if (calls.stat(fd).rdev() != expected.number()) {
            throw LuoException.of(
                    Errno.EBADMSG,
                    "retrieve VFIO device " + expected.function().address() + ": fd " + fd + " is another file");
        }
        expected.verify(read(fd));
        return fd;
    }

    /** Nothing to free: when the orchestrator closes the last fd, the kernel resets the device. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {}

    /** Asks what a freeze asks, of another device and of no fd. Only where there is a device to freeze. */
    @Override
    public void rehearse() {
        for (int i = 0; i < REHEARSALS && !bound.isEmpty(); i++) {
            try {
                sysfs.characterDevice(NULL_DEVICE);
                calls.info(-1);
            } catch (LuoException e) {
                // as expected: no such fd
            }
        }
    }
}
