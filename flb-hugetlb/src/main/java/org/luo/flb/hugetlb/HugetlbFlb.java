// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.nio.file.Path;
import org.luo.Amount;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The machine's pools of huge pages, which all hugetlb memfds of all sessions share: their sizes, what is free and
 * reserved, and on which node.
 *
 * <p>They are read when the first such file is preserved. On the other side they are read again, and what was there
 * must still be: the sizes of page, the lasting pages of each pool and of each node, and the leave to exceed them.
 * What the files themselves hold cannot go while they are open, so a pool that has shrunk meanwhile costs no byte: the
 * files come back all the same, and this object does not. It is whoever maps or touches more pages that would miss them.
 *
 * <p>The kernel's counterpart, proposed as {@code hugetlb-v1}, counts the pages that are preserved, since its successor
 * must set them aside while it boots. Here they stay where they are. Hence a format of its own, {@code hugetlb-p1}: p
 * for process.
 */
@Component
public final class HugetlbFlb implements Flb<HugetlbPools> {
    static final Compatible COMPATIBLE = Compatible.of("hugetlb-p1");

    private final PoolsReader reader;

    /** Of this machine. */
    @Activate
    public HugetlbFlb() {
        this(Path.of("/sys"));
    }

    /** @param sysfs where sysfs is mounted */
    HugetlbFlb(Path sysfs) {
        this.reader = new PoolsReader(sysfs);
    }

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    /**
     * {@inheritDoc}
     *
     * @throws LuoException ENODEV or EIO, with the file of sysfs that is missing or no number
     */
    @Override
    public Preserved<HugetlbPools> preserve() throws LuoException {
        HugetlbPools pools = reader.read();
        return new Preserved<>(pools, PluginState.of(PoolsCodec.encode(pools)));
    }

    /** Nothing to undo. */
    @Override
    public void unpreserve(HugetlbPools pools, PluginState state) {}

    /**
     * {@inheritDoc}
     *
     * @return the pools as they are now
     * @throws LuoException EBADMSG if the state is malformed · ENODEV if a size of page is gone · ENOMEM if a pool, or a
     *     node's part of it, has shrunk · ENODEV or EIO as for {@link #preserve}
     */
    @Override
    public HugetlbPools retrieve(Compatible compatible, PluginState state) throws LuoException {
        if (!compatible.equals(COMPATIBLE)) {
            throw new IllegalArgumentException("state in the format " + compatible + ", not " + COMPATIBLE);
        }
        if (!state.fds().isEmpty()) {
            throw LuoException.of(
                    Errno.EBADMSG, "hugetlb state with " + Amount.of(state.fds().size(), "fd") + ", expected none");
        }
        HugetlbPools then = PoolsCodec.decode(state.data());
        HugetlbPools now = reader.read();
        then.requireStill(now);
        return now;
    }

    /** Nothing to free. */
    @Override
    public void finish(HugetlbPools pools) {}
}
