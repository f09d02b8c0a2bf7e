// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

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
 * What all iommufds and VFIO devices share: the machine's IOMMUs and groups. Nothing of it has to be carried, since the
 * kernel stays; it is compared, so that a successor that finds itself on another machine, or its devices isolated
 * otherwise, says so.
 */
@Component(service = Flb.class)
public final class IommuCoreFlb implements Flb<IommuCore> {
    static final Compatible COMPATIBLE = Compatible.of("iommu-core-v1");

    private final Sysfs sysfs;

    /** Called by Declarative Services. */
    @Activate
    public IommuCoreFlb() {
        this(Sysfs.OF_THIS_MACHINE);
    }

    IommuCoreFlb(Sysfs sysfs) {
        this.sysfs = sysfs;
    }

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    /** @throws LuoException EBADMSG if sysfs is garbled · EIO */
    @Override
    public Preserved<IommuCore> preserve() throws LuoException {
        IommuCore core = IommuCore.read(sysfs);
        return new Preserved<>(core, PluginState.of(IommuCoreCodec.encode(core)));
    }

    @Override
    public void unpreserve(IommuCore core, PluginState state) {}

    /**
     * The predecessor's, if they are still the machine's.
     *
     * @throws LuoException EBADMSG if the state is malformed, or naming what has changed
     */
    @Override
    public IommuCore retrieve(Compatible compatible, PluginState state) throws LuoException {
        IommuCore expected = IommuCoreCodec.decode(state.data());
        if (!state.fds().isEmpty()) {
            throw LuoException.of(
                    Errno.EBADMSG,
                    "iommu-core state with " + Amount.of(state.fds().size(), "fd") + ", expected none");
        }
        List<String> differences = expected.differences(IommuCore.read(sysfs));
        if (!differences.isEmpty()) {
            throw LuoException.of(Errno.EBADMSG, "retrieve iommu-core: " + String.join("; ", differences));
        }
        return expected;
    }

    @Override
    public void finish(IommuCore core) {}
}
