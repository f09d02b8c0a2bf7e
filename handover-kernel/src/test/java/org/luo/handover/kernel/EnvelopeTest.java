// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;

/** The layout of what lies under token 0, and that nothing damaged is taken for it. */
class EnvelopeTest {
    private static final byte[] IMAGE = {9, 8, 7};

    private static byte[] bytes() {
        Envelope envelope = new Envelope(new long[] {1, -1}, ByteBuffer.wrap(IMAGE), 0x0102030405060708L, "7.2.13-luo");
        ByteBuffer head = envelope.head();
        return ByteBuffer.allocate(head.limit() + IMAGE.length)
                .put(head)
                .put(IMAGE)
                .array();
    }

    @Test
    void itReadsBackAsWritten() throws Exception {
        Envelope read = Envelope.read(ByteBuffer.wrap(bytes()));
        assertThat(read.tokens()).containsExactly(1, -1);
        assertThat(read.image()).isEqualTo(ByteBuffer.wrap(IMAGE));
        assertThat(read.written()).isEqualTo(0x0102030405060708L);
        assertThat(read.release()).isEqualTo("7.2.13-luo");
        assertThat(Envelope.bytes(2, IMAGE.length)).isEqualTo(bytes().length);
    }

    @Test
    void theBytesAreThese() {
        byte[] bytes = bytes();
        assertThat(HexFormat.of().formatHex(bytes, 0, 40))
                .isEqualTo("4c554f4b45584543" + "01000000" + "02000000" + "0010000000000000" + "0300000000000000"
                        + "0807060504030201");
        assertThat(HexFormat.of().formatHex(bytes, 44, 60)).isEqualTo("00000000" + "372e322e31332d6c756f0000");
        assertThat(HexFormat.of().formatHex(bytes, 112, 136))
                .isEqualTo("0100000000000000" + "ffffffffffffffff" + "0000000000000000");
        assertThat(bytes).hasSize(4096 + 3);
    }

    @Test
    void noFlippedBitOfTheHeadIsTaken() {
        byte[] bytes = bytes();
        for (int bit = 0; bit < 4096 * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertMalformed(flipped);
        }
    }

    @Test
    void noOtherLengthIsTaken() {
        byte[] bytes = bytes();
        for (int length : new int[] {0, 1, 111, 112, 4095, 4096, 4098, 4100}) {
            assertMalformed(Arrays.copyOf(bytes, length));
        }
    }

    @Test
    void aFileMayNotHaveTheEnvelopesToken() {
        ByteBuffer head = new Envelope(new long[] {0}, ByteBuffer.allocate(0), 0, "").head();
        assertMalformed(head.array());
    }

    private static void assertMalformed(byte[] bytes) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> Envelope.read(ByteBuffer.wrap(bytes)))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG));
    }
}
