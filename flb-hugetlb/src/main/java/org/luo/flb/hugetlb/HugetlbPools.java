// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.util.List;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * All of the machine's pools of huge pages at one moment; what {@link HugetlbFlb} shares.
 *
 * @param pools one for each size of page, smallest first
 */
record HugetlbPools(List<HugetlbPool> pools) {
    HugetlbPools {
        pools = List.copyOf(pools);
    }

    /**
     * Checks that a later look finds all that there was.
     *
     * @throws LuoException ENODEV if a size of page is gone · ENOMEM if a pool, or a node's part of it, has shrunk
     */
    void requireStill(HugetlbPools now) throws LuoException {
        for (HugetlbPool then : pools) {
            HugetlbPool found = now.pools.stream()
                    .filter(pool -> pool.pageSize() == then.pageSize())
                    .findFirst()
                    .orElseThrow(() -> LuoException.of(
                            Errno.ENODEV,
                            "retrieve hugetlb pools: " + then.name() + ": not on this machine any more, "
                                    + Amount.of(then.total(), "page") + " when the first file was preserved"));
            var lack = then.lacks(found);
            if (lack.isPresent()) {
                throw LuoException.of(Errno.ENOMEM, "retrieve hugetlb pools: " + lack.get());
            }
        }
    }
}
