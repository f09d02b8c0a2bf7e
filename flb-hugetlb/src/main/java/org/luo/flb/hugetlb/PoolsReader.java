// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * Reads the pools from sysfs, a file for each number. What is missing or no number is an error that names the file.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/mm/hugetlbpage.html">HugeTLB pages</a>
 */
final class PoolsReader {
    private static final Pattern POOL = Pattern.compile("hugepages-([1-9]\\d{0,12})kB");
    private static final Pattern NODE = Pattern.compile("node(0|[1-9]\\d{0,8})");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}\n?");
    private static final int LONGEST = 32;

    private final Path pools;
    private final Path nodes;

    /** @param sysfs where sysfs is mounted */
    PoolsReader(Path sysfs) {
        this.pools = sysfs.resolve("kernel/mm/hugepages");
        this.nodes = sysfs.resolve("devices/system/node");
    }

    /**
     * The pools now. The numbers are read one after the other, so they need not fit each other to the page.
     *
     * @throws LuoException ENODEV if the kernel shows no pools, or a number that it should show · EIO if one can't be
     *     read or is none
     */
    HugetlbPools read() throws LuoException {
        if (!Files.isDirectory(pools)) {
            throw LuoException.of(
                    Errno.ENODEV,
                    "read hugetlb pools: no " + pools + ": sysfs is not mounted, or the kernel has no hugetlb pages");
        }
        List<HugetlbPool> read = new ArrayList<>();
        for (var pool : numbered(pools, POOL).entrySet()) {
            if (Long.bitCount(pool.getKey()) != 1) {
                throw LuoException.of(Errno.EIO, "read hugetlb pools: " + pool.getValue() + ": no size of a page");
            }
            read.add(pool(pool.getKey() << 10, pool.getValue()));
        }
        return new HugetlbPools(read);
    }

    private HugetlbPool pool(long pageSize, Path directory) throws LuoException {
        return new HugetlbPool(
                pageSize,
                number(directory, "nr_hugepages"),
                number(directory, "free_hugepages"),
                number(directory, "resv_hugepages"),
                number(directory, "surplus_hugepages"),
                number(directory, "nr_overcommit_hugepages"),
                nodes(directory.getFileName()));
    }

    private List<HugetlbPool.Node> nodes(Path pool) throws LuoException {
        List<HugetlbPool.Node> read = new ArrayList<>();
        for (var node : numbered(nodes, NODE).entrySet()) {
            Path directory = node.getValue().resolve("hugepages").resolve(pool);
            if (Files.isDirectory(directory)) { // not that of a node without memory
                read.add(new HugetlbPool.Node(
                        node.getKey().intValue(),
                        number(directory, "nr_hugepages"),
                        number(directory, "free_hugepages"),
                        number(directory, "surplus_hugepages")));
            }
        }
        return read;
    }

    /** What in a directory has a number in its name, by number. A directory that is not there has nothing. */
    private static SortedMap<Long, Path> numbered(Path directory, Pattern name) throws LuoException {
        SortedMap<Long, Path> found = new TreeMap<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                Matcher matcher = name.matcher(entry.getFileName().toString());
                if (matcher.matches()) {
                    found.put(Long.valueOf(matcher.group(1)), entry);
                }
            }
        } catch (NoSuchFileException e) {
            return found;
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "read hugetlb pools: list " + directory + ": " + e, e);
        }
        return found;
    }

    private static long number(Path directory, String name) throws LuoException {
        Path file = directory.resolve(name);
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
            if (NUMBER.matcher(text).matches()) {
                return Long.parseLong(text.strip());
            }
            throw LuoException.of(Errno.EIO, "read hugetlb pools: " + file + ": no number: '" + printable(text) + "'");
        } catch (NoSuchFileException e) {
            throw LuoException.of(Errno.ENODEV, "read hugetlb pools: no " + file, e);
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "read hugetlb pools: " + file + ": " + e, e);
        }
    }

    private static String printable(String text) {
        return text.strip().replaceAll("[^ -~]", "?");
    }
}
