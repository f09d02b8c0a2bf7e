// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.fuzz.Trial;
import org.luo.spi.FileIdentity;

/** The ledger of the fd store: what is taken says the same when it is written again. */
class LedgerFuzzTest {
    private static final int START = 24;
    private static final int CRC = 40;

    static Stream<byte[]> seeds() {
        return Stream.of(List.<FileIdentity>of(), List.of(new FileIdentity(1, 2), new FileIdentity(1, -1)))
                .map(files -> new Ledger(1, files, ByteBuffer.wrap(new byte[] {1, 2, 3})))
                .map(ledger -> ByteBuffer.allocate(ledger.head().capacity() + 3)
                        .put(ledger.head())
                        .put(ledger.image())
                        .array());
    }

    @MethodSource("seeds")
    @FuzzTest
    void read(byte[] data) {
        byte[] right = withChecksum(data);
        Trial.run(
                () -> {
                    Ledger ledger = Ledger.read(ByteBuffer.wrap(right));
                    byte[] again = new byte[right.length];
                    ByteBuffer.wrap(again).put(ledger.head()).put(ledger.image());
                    int named = 48 + 16 * ledger.files().size();
                    assertThat(Arrays.copyOf(again, CRC)).isEqualTo(Arrays.copyOf(right, CRC));
                    assertThat(Arrays.copyOfRange(again, 48, named)).isEqualTo(Arrays.copyOfRange(right, 48, named));
                },
                Errno.EBADMSG);
    }

    /** No mutation would find it. */
    private static byte[] withChecksum(byte[] data) {
        byte[] right = data.clone();
        ByteBuffer bytes = ByteBuffer.wrap(right).order(ByteOrder.LITTLE_ENDIAN);
        if (right.length < CRC + 4 || bytes.getLong(START) < CRC + 4 || bytes.getLong(START) > right.length) {
            return right;
        }
        bytes.putInt(CRC, 0);
        CRC32C crc = new CRC32C();
        crc.update(right, 0, (int) bytes.getLong(START));
        bytes.putInt(CRC, (int) crc.getValue());
        return right;
    }
}
