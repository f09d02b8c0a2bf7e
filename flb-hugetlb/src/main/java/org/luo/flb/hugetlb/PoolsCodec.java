// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The layout {@code hugetlb-p1}, little-endian: a number of pools, each followed by its nodes.
 *
 * <pre>
 * u32 pools, u32 0
 * pool: u64 page size, u64 total, u64 free, u64 reserved, u64 surplus, u64 overcommit, u32 nodes, u32 0
 * node: u32 number, u32 0, u64 total, u64 free, u64 surplus
 * </pre>
 */
final class PoolsCodec {
    private static final int HEADER = 8;
    private static final int POOL = 56;
    private static final int NODE = 32;
    private static final int MAX_POOLS = 64;
    private static final int MAX_NODES = 4096;

    private PoolsCodec() {}

    static byte[] encode(HugetlbPools pools) {
        int nodes = pools.pools().stream().mapToInt(pool -> pool.nodes().size()).sum();
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + pools.pools().size() * POOL + nodes * NODE)
                .order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(pools.pools().size()).putInt(0);
        for (HugetlbPool pool : pools.pools()) {
            buffer.putLong(pool.pageSize()).putLong(pool.total()).putLong(pool.free());
            buffer.putLong(pool.reserved()).putLong(pool.surplus()).putLong(pool.overcommit());
            buffer.putInt(pool.nodes().size()).putInt(0);
            for (HugetlbPool.Node node : pool.nodes()) {
                buffer.putInt(node.number()).putInt(0);
                buffer.putLong(node.total()).putLong(node.free()).putLong(node.surplus());
            }
        }
        return buffer.array();
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG with the offset and what is wrong there
     */
    static HugetlbPools decode(byte[] bytes) throws LuoException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            List<HugetlbPool> pools = new ArrayList<>();
            long last = 0;
            for (int left = count(buffer, MAX_POOLS, "pools"); left > 0; left--) {
                HugetlbPool pool = pool(buffer, last);
                pools.add(pool);
                last = pool.pageSize();
            }
            check(!buffer.hasRemaining(), buffer.position(), buffer.remaining() + " bytes more than expected");
            return new HugetlbPools(pools);
        } catch (BufferUnderflowException e) {
            throw LuoException.of(Errno.EBADMSG, "hugetlb state of " + bytes.length + " bytes: more are expected", e);
        }
    }

    private static HugetlbPool pool(ByteBuffer buffer, long last) throws LuoException {
        int at = buffer.position();
        long pageSize = buffer.getLong();
        check(Long.bitCount(pageSize) == 1 && pageSize > last, at, "page size " + pageSize + " after " + last);
        long total = pages(buffer);
        long free = pages(buffer);
        long reserved = pages(buffer);
        long surplus = pages(buffer);
        long overcommit = pages(buffer);
        List<HugetlbPool.Node> nodes = new ArrayList<>();
        int previous = -1;
        for (int left = count(buffer, MAX_NODES, "nodes"); left > 0; left--) {
            HugetlbPool.Node node = node(buffer, previous);
            nodes.add(node);
            previous = node.number();
        }
        return new HugetlbPool(pageSize, total, free, reserved, surplus, overcommit, nodes);
    }

    private static HugetlbPool.Node node(ByteBuffer buffer, int previous) throws LuoException {
        int at = buffer.position();
        int number = count(buffer, Integer.MAX_VALUE, "as a node's number");
        check(number > previous, at, "node " + number + " after " + previous);
        return new HugetlbPool.Node(number, pages(buffer), pages(buffer), pages(buffer));
    }

    /** A number of 32 bits and as many zeroes. */
    private static int count(ByteBuffer buffer, int most, String what) throws LuoException {
        int at = buffer.position();
        int count = buffer.getInt();
        check(count >= 0 && count <= most, at, Integer.toUnsignedString(count) + " " + what);
        check(buffer.getInt() == 0, at + Integer.BYTES, "not 0");
        return count;
    }

    private static long pages(ByteBuffer buffer) throws LuoException {
        int at = buffer.position();
        long pages = buffer.getLong();
        check(pages >= 0, at, Long.toUnsignedString(pages) + " pages");
        return pages;
    }

    private static void check(boolean right, int offset, String problem) throws LuoException {
        if (!right) {
            throw LuoException.of(Errno.EBADMSG, "hugetlb state at offset " + offset + ": " + problem);
        }
    }
}
