// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.FileIdentity;

/** The ledger's bytes: as they are written, and as anybody may have written them. */
class LedgerTest {
    private static final int IMAGE = 4096;
    private static final Ledger LEDGER = new Ledger(
            7, List.of(new FileIdentity(1, 0x1234), new FileIdentity(1, -1)), ByteBuffer.wrap(new byte[] {1, 2, 3}));

    private static byte[] written() {
        return ByteBuffer.allocate(IMAGE + 3)
                .put(LEDGER.head())
                .put(new byte[] {1, 2, 3})
                .array();
    }

    @Test
    void itHasTheseBytes() throws Exception {
        assertThat(HexFormat.of().formatHex(written(), 0, 80))
                .isEqualTo("4c554f53544f5245" + "01000000" + "02000000" + "0700000000000000" + "0010000000000000"
                        + "0300000000000000" + "844e64d7" + "00000000" + "0100000000000000" + "3412000000000000"
                        + "0100000000000000" + "ffffffffffffffff");
        assertThat(Ledger.read(ByteBuffer.wrap(written()))).isEqualTo(LEDGER);
        assertThat(Ledger.name(LEDGER.files().getLast())).isEqualTo("luo-file-1-18446744073709551615");
    }

    private static void refused(byte[] bytes) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> Ledger.read(ByteBuffer.wrap(bytes)))
                .withMessageContaining("ledger of the fd store at offset ")
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG));
    }

    @Test
    void everyDamageBeforeTheImageIsRefused() {
        for (int bit = 0; bit < IMAGE * 8; bit++) {
            byte[] damaged = written();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            refused(damaged);
        }
    }

    @Test
    void soIsEveryTruncation() {
        for (int length = 0; length < IMAGE + 3; length += 7) {
            refused(Arrays.copyOf(written(), length));
        }
        refused(Arrays.copyOf(written(), IMAGE + 4));
    }
}
