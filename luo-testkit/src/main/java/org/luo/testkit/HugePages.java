// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Huge pages of the default size for a test, taken from the machine and given back. Several tests may have some at a
 * time, also in several processes.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/mm/hugetlbpage.html">HugeTLB pages</a>
 */
public final class HugePages implements AutoCloseable {
    private static final Path POOL = Path.of("/proc/sys/vm/nr_hugepages");
    private static final Path MEMORY = Path.of("/proc/meminfo");

    private final long pages;

    private HugePages(long pages) {
        this.pages = pages;
    }

    /**
     * Makes the pool larger by some pages.
     *
     * <p>Undo: {@link #close}; nothing is left on throw.
     *
     * @throws IOException why it can't be: for tests to be skipped with
     */
    public static HugePages take(long pages) throws IOException {
        if (!Files.isWritable(POOL)) {
            throw new IOException("huge pages cannot be had: " + POOL + " is not there, or is root's to write");
        }
        long before = inMemory("HugePages_Total");
        resize(before + pages);
        HugePages taken = new HugePages(inMemory("HugePages_Total") - before);
        if (taken.pages < pages) {
            taken.close();
            throw new IOException("huge pages cannot be had: " + taken.pages + " of " + pages + " are there");
        }
        return taken;
    }

    /** How many pages nobody uses. */
    public static long free() throws IOException {
        return inMemory("HugePages_Free");
    }

    /** How many pages are promised to mappings. */
    public static long reserved() throws IOException {
        return inMemory("HugePages_Rsvd");
    }

    /** The size of a page in bytes. */
    public static long size() throws IOException {
        return inMemory("Hugepagesize") << 10;
    }

    /** Gives the pages back. */
    @Override
    public void close() throws IOException {
        resize(Math.max(0, inMemory("HugePages_Total") - pages));
    }

    private static void resize(long pages) throws IOException {
        Files.writeString(POOL, Long.toString(pages));
    }

    private static long inMemory(String field) throws IOException {
        return Files.readAllLines(MEMORY).stream()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow(() -> new IOException("huge pages cannot be had: no " + field + " in " + MEMORY));
    }
}
