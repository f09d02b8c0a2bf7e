// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.util.List;
import java.util.Optional;
import org.luo.Amount;

/**
 * The machine's huge pages of one size, as sysfs tells them.
 *
 * @param pageSize in bytes
 * @param total pages there are, in use or free, surplus ones among them
 * @param free pages that nobody uses; some may be reserved
 * @param reserved free pages that are promised to mappings
 * @param surplus pages beyond what the administrator asked for; they go when they are no longer used
 * @param overcommit how many surplus pages there may be
 * @param nodes the same for each node of memory, lowest number first; none on a machine without nodes
 * @see <a href="https://docs.kernel.org/admin-guide/mm/hugetlbpage.html">HugeTLB pages</a>
 */
record HugetlbPool(
        long pageSize, long total, long free, long reserved, long surplus, long overcommit, List<Node> nodes) {
    HugetlbPool {
        nodes = List.copyOf(nodes);
    }

    /**
     * The pages on one node.
     *
     * @param number of the node
     * @param total as above, and so are the others
     */
    record Node(int number, long total, long free, long surplus) {
        long lasting() {
            return total - surplus;
        }
    }

    /** Pages that stay when nobody uses them. Surplus ones come and go with their users, and are promised to nobody. */
    long lasting() {
        return total - surplus;
    }

    /** What of this pool a later look at the same one does not find; empty if it is all there. */
    Optional<String> lacks(HugetlbPool now) {
        if (now.lasting() < lasting()) {
            return Optional.of(name() + ": " + fewer(now.lasting(), lasting()));
        }
        if (now.overcommit < overcommit) {
            return Optional.of(name() + ": " + Amount.of(now.overcommit, "surplus page") + " allowed, " + overcommit
                    + " when the first file was preserved");
        }
        return nodes.stream().flatMap(node -> now.lacks(node).stream()).findFirst();
    }

    private Optional<String> lacks(Node then) {
        long there = nodes.stream()
                .filter(node -> node.number == then.number)
                .mapToLong(Node::lasting)
                .sum();
        return there < then.lasting()
                ? Optional.of(name() + ": node " + then.number + ": " + fewer(there, then.lasting()))
                : Optional.empty();
    }

    private static String fewer(long now, long then) {
        return Amount.of(now, "page") + ", " + then + " when the first file was preserved";
    }

    /** For people: {@code huge pages of 2048 kB}. */
    String name() {
        return "huge pages of " + (pageSize >> 10) + " kB";
    }
}
