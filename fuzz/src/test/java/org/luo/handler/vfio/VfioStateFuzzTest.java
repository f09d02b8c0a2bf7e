// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.fuzz.Trial;
import org.luo.linux.VfioDevice.Irq;
import org.luo.linux.VfioDevice.Region;

/** The states of a VFIO device and of the PCI devices: whatever is taken is written back the same. */
class VfioStateFuzzTest {
    static Stream<byte[]> seeds() {
        PciFunction function = new PciFunction(new PciAddress(0, 1, 2, 3), 0x1234, 0x11e8, 0x1af4, 0x1100, 9);
        VfioState device =
                new VfioState(0xf907, 2, 2, function, List.of(new Region(7, 4096, 0)), List.of(new Irq(9, 1)));
        String header = "ab".repeat(PciCore.HEADER);
        String tree = "devices 2\n0000:01:00.0 0000:00:04.0 " + header + "\n0000:00:04.0 - " + header + "\n";
        return Stream.of(VfioCodec.encode(device), tree.getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @FuzzTest
    void decode(byte[] data) {
        Trial.run(() -> assertThat(VfioCodec.encode(VfioCodec.decode(data))).isEqualTo(data), Errno.EBADMSG);
        Trial.run(
                () -> assertThat(PciCoreCodec.encode(PciCoreCodec.decode(data))).isEqualTo(data), Errno.EBADMSG);
    }
}
