// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Memory: memfds, ordinary ones and those of huge pages. */
final class MemoryChecks {
    private static final String AREA = "memory";
    private static final String POOLS = "/sys/kernel/mm/hugepages";

    private final Machine machine;
    private final Optional<RunningPlatform> platform;

    MemoryChecks(Machine machine, Optional<RunningPlatform> platform) {
        this.machine = machine;
        this.platform = platform;
    }

    List<Finding> findings() {
        return List.of(
                HandlerCheck.with(memfd(), platform, "memfd-", "handler-memfd"),
                HandlerCheck.with(hugePages(), platform, "huge-memfd-", "flb-hugetlb"));
    }

    private Finding memfd() {
        boolean configured = !machine.kernelOption("MEMFD_CREATE").orElse("y").equals("n");
        boolean tmpfs = machine.text("/proc/filesystems").orElse("").contains("\ttmpfs");
        String kernel = "Linux " + (machine.kernel().isEmpty() ? "of a version that is not told" : machine.kernel());
        if (!configured || !tmpfs) {
            return Finding.fault(
                    AREA,
                    "memfds",
                    kernel + ", without " + (tmpfs ? "memfd_create" : "tmpfs"),
                    "a kernel with CONFIG_MEMFD_CREATE=y and CONFIG_TMPFS=y");
        }
        String exec = machine.text("/proc/sys/vm/memfd_noexec").orElse("0");
        return Finding.ok(
                AREA, "memfds", kernel + (exec.equals("2") ? "; those that may be executed are refused by it" : ""));
    }

    private Finding hugePages() {
        List<String> pools = machine.names(POOLS, "hugepages-\\d{1,12}kB");
        if (pools.isEmpty()) {
            return Finding.no(
                    AREA,
                    "huge pages",
                    machine.exists(POOLS) ? "no pool in " + POOLS : "no " + POOLS,
                    "a kernel with CONFIG_HUGETLBFS=y, and sysfs mounted at /sys");
        }
        List<String> found = new ArrayList<>();
        long total = 0;
        for (String pool : pools) {
            long pages = number(pool, "nr_hugepages") + number(pool, "nr_overcommit_hugepages");
            total += pages;
            found.add(pool.substring("hugepages-".length(), pool.length() - 2) + " kB: "
                    + number(pool, "free_hugepages") + " of " + pages + " free");
        }
        return total > 0
                ? Finding.ok(AREA, "huge pages", String.join(", ", found))
                : Finding.no(
                        AREA,
                        "huge pages",
                        String.join(", ", found) + "; their memfds are kept, but have no page",
                        "as root: sysctl vm.nr_hugepages=64, or hugepages=64 on the kernel's command line");
    }

    private long number(String pool, String name) {
        return machine.number(POOLS + "/" + pool + "/" + name).orElse(0);
    }
}
