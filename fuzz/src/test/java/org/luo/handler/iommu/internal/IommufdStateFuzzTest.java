// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.fuzz.Trial;
import org.luo.handler.iommu.internal.IommufdState.IommuObject;
import org.luo.handler.iommu.internal.IommufdState.Kind;

/** The states of an iommufd and of the IOMMUs: whatever is taken is written back the same. */
class IommufdStateFuzzTest {
    static Stream<byte[]> seeds() {
        IommufdState state = new IommufdState(
                0xa02, 2, List.of(new IommuObject(Kind.DEVICE, 1, 1, 8), new IommuObject(Kind.IOAS, 2, 2, 0)));
        String core = "units 1 groups 1\nunit dmar0 cap=d2 version=1:0\ngroup 3 0000:00:03.0\n";
        return Stream.of(IommufdCodec.encode(state), core.getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @FuzzTest
    void decode(byte[] data) {
        Trial.run(
                () -> assertThat(IommufdCodec.encode(IommufdCodec.decode(data))).isEqualTo(data), Errno.EBADMSG);
        Trial.run(
                () -> assertThat(IommuCoreCodec.encode(IommuCoreCodec.decode(data)))
                        .isEqualTo(data),
                Errno.EBADMSG);
    }
}
