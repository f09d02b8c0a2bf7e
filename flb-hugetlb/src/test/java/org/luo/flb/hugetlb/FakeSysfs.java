// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A sysfs with pools of huge pages that a test makes up. */
final class FakeSysfs {
    static final String SMALL = "hugepages-2048kB";
    static final String LARGE = "hugepages-1048576kB";

    private final Path root;

    FakeSysfs(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** Where the numbers of a pool are. */
    Path pool(String pool) {
        return root.resolve("kernel/mm/hugepages").resolve(pool);
    }

    /** Where those of a pool on one node are. */
    Path node(int node, String pool) {
        return root.resolve("devices/system/node/node" + node + "/hugepages").resolve(pool);
    }

    /** A pool with so many pages, all free, all on node 0. */
    FakeSysfs with(String pool, long pages) throws IOException {
        write(pool(pool), pages);
        number(pool(pool), "resv_hugepages", "0");
        number(pool(pool), "nr_overcommit_hugepages", "0");
        return withNode(0, pool, pages);
    }

    /** The part of a pool on one node. */
    FakeSysfs withNode(int node, String pool, long pages) throws IOException {
        write(node(node, pool), pages);
        return this;
    }

    private static void write(Path directory, long pages) throws IOException {
        Files.createDirectories(directory);
        number(directory, "nr_hugepages", Long.toString(pages));
        number(directory, "free_hugepages", Long.toString(pages));
        number(directory, "surplus_hugepages", "0");
    }

    /** One number, or what is none. */
    static void number(Path directory, String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content + "\n");
    }
}
