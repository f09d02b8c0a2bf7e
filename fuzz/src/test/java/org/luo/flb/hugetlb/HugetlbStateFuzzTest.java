// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.fuzz.Trial;

/** The states of the pools of huge pages and of a file of them: whatever is taken is written back the same. */
class HugetlbStateFuzzTest {
    static Stream<byte[]> seeds() {
        HugetlbPool.Node node = new HugetlbPool.Node(0, 4, 3, 0);
        HugetlbPool pool = new HugetlbPool(2 << 20, 4, 3, 1, 0, 7, List.of(node));
        return Stream.of(
                PoolsCodec.encode(new HugetlbPools(List.of(pool))),
                HugeMemfdCodec.encode(new HugeMemfdState(17, 2 << 20, 2, 2, 2 << 20, 16, 4711, 0100777)));
    }

    @MethodSource("seeds")
    @FuzzTest
    void decode(byte[] data) {
        Trial.run(() -> assertThat(PoolsCodec.encode(PoolsCodec.decode(data))).isEqualTo(data), Errno.EBADMSG);
        Trial.run(
                () -> assertThat(HugeMemfdCodec.encode(HugeMemfdCodec.decode(data)))
                        .isEqualTo(data),
                Errno.EBADMSG);
    }
}
