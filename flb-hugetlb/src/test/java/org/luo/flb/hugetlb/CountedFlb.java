// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.util.ArrayList;
import java.util.List;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.spi.Flb;
import org.luo.spi.PluginState;

/** The FLB of a machine, with every callback written down. */
final class CountedFlb implements Flb<HugetlbPools> {
    final List<String> calls = new ArrayList<>();
    private final Flb<HugetlbPools> flb;

    CountedFlb(Flb<HugetlbPools> flb) {
        this.flb = flb;
    }

    @Override
    public Compatible compatible() {
        return flb.compatible();
    }

    @Override
    public Preserved<HugetlbPools> preserve() throws LuoException {
        calls.add("preserve");
        return flb.preserve();
    }

    @Override
    public void unpreserve(HugetlbPools pools, PluginState state) {
        calls.add("unpreserve");
        flb.unpreserve(pools, state);
    }

    @Override
    public HugetlbPools retrieve(Compatible compatible, PluginState state) throws LuoException {
        calls.add("retrieve");
        return flb.retrieve(compatible, state);
    }

    @Override
    public void finish(HugetlbPools pools) {
        calls.add("finish");
        flb.finish(pools);
    }
}
