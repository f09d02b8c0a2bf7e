// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import java.util.List;
import org.luo.Amount;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Sysfs;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * What all VFIO devices share: the tree of PCI devices, leaves to root, with the configuration of each. Nothing of it has
 * to be carried, since the kernel stays; it is compared, so that a successor whose devices were swapped or mapped anew
 * says so.
 */
@Component(service = Flb.class)
public final class PciCoreFlb implements Flb<PciCore> {
    static final Compatible COMPATIBLE = Compatible.of("pci-core-v1");

    private final Sysfs sysfs;

    /** Called by Declarative Services. */
    @Activate
    public PciCoreFlb() {
        this(Sysfs.OF_THIS_MACHINE);
    }

    PciCoreFlb(Sysfs sysfs) {
        this.sysfs = sysfs;
    }

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    /** @throws LuoException EBADMSG if sysfs is garbled · EIO */
    @Override
    public Preserved<PciCore> preserve() throws LuoException {
        PciCore core = PciCore.read(sysfs);
        return new Preserved<>(core, PluginState.of(PciCoreCodec.encode(core)));
    }

    @Override
    public void unpreserve(PciCore core, PluginState state) {}

    /**
     * The predecessor's, if they are still the machine's.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what has changed
     */
    @Override
    public PciCore retrieve(Compatible compatible, PluginState state) throws LuoException {
        PciCore expected = PciCoreCodec.decode(state.data());
        if (!state.fds().isEmpty()) {
            throw LuoException.of(
                    Errno.EBADMSG,
                    "pci-core state with " + Amount.of(state.fds().size(), "fd") + ", expected none");
        }
        List<String> differences = expected.differences(PciCore.read(sysfs));
        if (!differences.isEmpty()) {
            throw LuoException.of(Errno.EBADMSG, "retrieve pci-core: " + String.join("; ", differences));
        }
        return expected;
    }

    @Override
    public void finish(PciCore core) {}
}
