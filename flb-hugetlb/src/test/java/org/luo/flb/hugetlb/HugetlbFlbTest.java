// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.PluginState;

/** What must be on the successor's machine still, and what a sysfs that is not as it should be leads to. */
class HugetlbFlbTest {
    @TempDir
    private Path directory;

    private FakeSysfs machine;
    private HugetlbFlb flb;

    @BeforeEach
    void aMachineWithTwoPools() throws IOException {
        machine = new FakeSysfs(directory).with(FakeSysfs.SMALL, 64).with(FakeSysfs.LARGE, 3);
        machine.withNode(1, FakeSysfs.LARGE, 1);
        flb = new HugetlbFlb(directory);
    }

    @Test
    void thePoolsAreThoseOfTheMachine() throws Exception {
        FakeSysfs.number(machine.pool(FakeSysfs.SMALL), "resv_hugepages", "5");
        FakeSysfs.number(machine.pool(FakeSysfs.SMALL), "nr_overcommit_hugepages", "7");
        HugetlbPools pools = flb.preserve().object();
        assertThat(pools.pools())
                .extracting(HugetlbPool::pageSize, HugetlbPool::total, HugetlbPool::reserved, HugetlbPool::overcommit)
                .containsExactly(tuple(2L << 20, 64L, 5L, 7L), tuple(1L << 30, 3L, 0L, 0L));
        assertThat(pools.pools().get(1).nodes())
                .containsExactly(new HugetlbPool.Node(0, 3, 3, 0), new HugetlbPool.Node(1, 1, 1, 0));
    }

    @Test
    void thoseOfThisMachineCanBeRead() throws Exception {
        assumeThat(Path.of("/sys/kernel/mm/hugepages"))
                .as("a kernel with huge pages")
                .isDirectory();
        HugetlbFlb real = new HugetlbFlb();
        var preserved = real.preserve();
        assertThat(preserved.object().pools()).isNotEmpty();
        assertThat(real.retrieve(real.compatible(), preserved.state()).pools())
                .hasSameSizeAs(preserved.object().pools());
    }

    @Test
    void poolsMayGrow() throws Exception {
        PluginState state = flb.preserve().state();
        machine.with(FakeSysfs.SMALL, 65).with("hugepages-64kB", 1);
        assertThat(flb.retrieve(flb.compatible(), state).pools()).hasSize(3);
    }

    @Test
    void aPoolThatShrankIsNamed() throws Exception {
        PluginState state = flb.preserve().state();
        machine.with(FakeSysfs.SMALL, 63);
        assertGone(state, Errno.ENOMEM, "huge pages of 2048 kB: 63 pages, 64 when the first file was preserved");
    }

    @Test
    void pagesThatStayOnlyWhileTheyAreUsedDoNotCount() throws Exception {
        FakeSysfs.number(machine.pool(FakeSysfs.LARGE), "surplus_hugepages", "2");
        PluginState state = flb.preserve().state();
        FakeSysfs.number(machine.pool(FakeSysfs.LARGE), "nr_hugepages", "1");
        FakeSysfs.number(machine.pool(FakeSysfs.LARGE), "surplus_hugepages", "0");
        flb.retrieve(flb.compatible(), state);
        FakeSysfs.number(machine.pool(FakeSysfs.LARGE), "surplus_hugepages", "1");
        assertGone(state, Errno.ENOMEM, "huge pages of 1048576 kB: 0 pages, 1 when");
    }

    @Test
    void aNodeThatLostItsPagesIsNamed() throws Exception {
        PluginState state = flb.preserve().state();
        machine.withNode(1, FakeSysfs.LARGE, 0).withNode(0, FakeSysfs.LARGE, 4);
        assertGone(state, Errno.ENOMEM, "huge pages of 1048576 kB: node 1: 0 pages, 1 when");
    }

    @Test
    void surplusPagesThatAreNoLongerAllowedAreNamed() throws Exception {
        FakeSysfs.number(machine.pool(FakeSysfs.SMALL), "nr_overcommit_hugepages", "9");
        PluginState state = flb.preserve().state();
        FakeSysfs.number(machine.pool(FakeSysfs.SMALL), "nr_overcommit_hugepages", "8");
        assertGone(state, Errno.ENOMEM, "huge pages of 2048 kB: 8 surplus pages allowed, 9 when");
    }

    @Test
    void aSizeOfPageThatIsGoneIsNamed() throws Exception {
        PluginState state = flb.preserve().state();
        for (String name : new String[] {"nr", "free", "resv", "surplus", "nr_overcommit"}) {
            Files.delete(machine.pool(FakeSysfs.SMALL).resolve(name + "_hugepages"));
        }
        Files.delete(machine.pool(FakeSysfs.SMALL));
        assertGone(state, Errno.ENODEV, "huge pages of 2048 kB: not on this machine any more, 64 pages when");
    }

    @Test
    void aFileOfSysfsThatIsMissingIsNamed() throws Exception {
        PluginState state = flb.preserve().state();
        Path file = machine.node(1, FakeSysfs.LARGE).resolve("free_hugepages");
        Files.delete(file);
        assertGone(state, Errno.ENODEV, "no " + file);
        assertRefused(Errno.ENODEV, "no " + file);
    }

    @Test
    void aFileOfSysfsThatIsNoNumberIsNamed() throws Exception {
        PluginState state = flb.preserve().state();
        Path pool = machine.pool(FakeSysfs.SMALL);
        for (String garbage :
                new String[] {"", "x", "-1", "1 2", "99999999999999999999", "\u001b[2J", "0".repeat(9999)}) {
            FakeSysfs.number(pool, "resv_hugepages", garbage);
            assertGone(state, Errno.EIO, pool.resolve("resv_hugepages") + ": no number: '");
            assertRefused(Errno.EIO, pool.resolve("resv_hugepages") + ": no number: '");
        }
    }

    @Test
    void whatIsPrintedOfGarbageIsShortAndHarmless() throws Exception {
        FakeSysfs.number(machine.pool(FakeSysfs.SMALL), "nr_hugepages", "\u001b]0;x\u0007" + "y".repeat(5000));
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(flb::preserve)
                .satisfies(e -> assertThat(
                                e.getMessage().substring(directory.toString().length()))
                        .hasSizeLessThan(200)
                        .matches("[ -~]*"));
    }

    @Test
    void aDirectoryOfAPoolThatNamesNoSizeIsNamed() throws Exception {
        machine.with("hugepages-3kB", 1);
        assertRefused(Errno.EIO, "hugepages-3kB: no size of a page");
    }

    @Test
    void noSysfsIsNamed(@TempDir Path empty) throws Exception {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> new HugetlbFlb(empty).preserve())
                .withMessageContaining("no " + empty + "/kernel/mm/hugepages: sysfs is not mounted, or")
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }

    @Test
    void aMachineWithoutNodesHasPoolsAllTheSame(@TempDir Path other) throws Exception {
        FakeSysfs small = new FakeSysfs(other).with(FakeSysfs.SMALL, 2);
        for (String name : new String[] {"nr", "free", "surplus"}) {
            Files.delete(small.node(0, FakeSysfs.SMALL).resolve(name + "_hugepages"));
        }
        Files.delete(small.node(0, FakeSysfs.SMALL));
        assertThat(new HugetlbFlb(other).preserve().object().pools().getFirst().nodes())
                .isEmpty();
    }

    @Test
    void noOtherFormatIsRead() throws Exception {
        PluginState state = flb.preserve().state();
        assertThat(flb.compatible()).hasToString("hugetlb-p1");
        assertThatIllegalArgumentException().isThrownBy(() -> flb.retrieve(Compatible.of("hugetlb-v1"), state));
    }

    private void assertGone(PluginState state, Errno errno, String message) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> flb.retrieve(flb.compatible(), state))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private void assertRefused(Errno errno, String message) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(flb::preserve)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
