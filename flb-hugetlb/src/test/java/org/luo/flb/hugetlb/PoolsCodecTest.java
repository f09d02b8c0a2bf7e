// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.LuoException;

class PoolsCodecTest {
    private static final HugetlbPools POOLS = new HugetlbPools(List.of(
            new HugetlbPool(2 << 20, 0x40, 0x3f, 5, 1, 7, List.of(new HugetlbPool.Node(0, 0x30, 0x2f, 1))),
            new HugetlbPool(1 << 30, 0, 0, 0, 0, 0, List.of())));
    private static final String GOLDEN = """
        02000000 00000000
        0000200000000000 4000000000000000 3f00000000000000 0500000000000000 0100000000000000 0700000000000000
        01000000 00000000
        00000000 00000000 3000000000000000 2f00000000000000 0100000000000000
        0000004000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000
        00000000 00000000
        """;

    @Test
    void theLayoutIsThis() {
        assertThat(PoolsCodec.encode(POOLS)).isEqualTo(golden());
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        assertThat(PoolsCodec.decode(golden())).isEqualTo(POOLS);
        assertThat(PoolsCodec.decode(new byte[8]).pools()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "3, 80, offset 0: 2147483650 pools",
        "1, 01, offset 0: 258 pools",
        "4, 01, offset 4: not 0",
        "8, 01, offset 8: page size 2097153 after 0",
        "99, 00, offset 96: page size 0 after 2097152",
        "15, 80, offset 8: page size -9223372036852678656 after 0",
        "23, 80, offset 16: 9223372036854775872 pages",
        "57, 20, offset 56: 8193 nodes",
        "60, 01, offset 60: not 0",
        "67, 80, offset 64: 2147483648 as a node's number",
        "79, 80, offset 72: 9223372036854775856 pages"
    })
    void aWrongByteIsNamed(int offset, String value, String problem) {
        byte[] bytes = golden();
        bytes[offset] = (byte) Integer.parseInt(value, 16);
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> PoolsCodec.decode(bytes))
                .withMessage("hugetlb state at " + problem + " [EBADMSG]");
    }

    @Test
    void poolsAndNodesComeInOrderAndOnce() {
        HugetlbPool pool = POOLS.pools().getFirst();
        HugetlbPool.Node node = pool.nodes().getFirst();
        assertRefused("page size 2097152 after 2097152", pool, pool);
        assertRefused("node 0 after 0", new HugetlbPool(2 << 20, 1, 1, 0, 0, 0, List.of(node, node)));
    }

    private static void assertRefused(String problem, HugetlbPool... pools) {
        byte[] bytes = PoolsCodec.encode(new HugetlbPools(List.of(pools)));
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> PoolsCodec.decode(bytes))
                .withMessageContaining(problem);
    }

    @Test
    void onlyTheWholeIsTaken() {
        for (int length = 0; length < 2 * golden().length; length++) {
            byte[] bytes = Arrays.copyOf(golden(), length);
            if (length != golden().length) {
                assertThatExceptionOfType(LuoException.MalformedState.class).isThrownBy(() -> PoolsCodec.decode(bytes));
            }
        }
    }

    @Test
    void whateverIsTakenIsWrittenBackTheSame() {
        Random random = new Random(42);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = golden();
            for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(PoolsCodec.encode(PoolsCodec.decode(bytes))).isEqualTo(bytes);
            } catch (LuoException e) {
                assertThat(e).isInstanceOf(LuoException.MalformedState.class);
            }
        }
    }

    private static byte[] golden() {
        return HexFormat.of().parseHex(GOLDEN.replaceAll("\\s", ""));
    }
}
