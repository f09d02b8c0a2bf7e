// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.luo.spi.Flb;
import org.luo.testkit.contract.FlbContract;

/** What every FLB must keep to. The machine's first pool grows by what is written. */
class HugetlbFlbContractTest extends FlbContract<HugetlbPools> {
    @TempDir
    private Path sysfs;

    @Override
    protected Flb<HugetlbPools> flb() throws IOException {
        FakeSysfs machine = new FakeSysfs(sysfs);
        if (!Files.exists(machine.pool(FakeSysfs.SMALL))) {
            machine.with(FakeSysfs.SMALL, 1).with(FakeSysfs.LARGE, 4).withNode(1, FakeSysfs.LARGE, 2);
        }
        return new HugetlbFlb(sysfs);
    }

    @Override
    protected void write(HugetlbPools pools, int number) throws IOException {
        new FakeSysfs(sysfs).with(FakeSysfs.SMALL, number);
    }

    @Override
    protected void assertTells(HugetlbPools pools, int number) {
        assertThat(pools.pools().getFirst().total()).isEqualTo(number);
    }
}
