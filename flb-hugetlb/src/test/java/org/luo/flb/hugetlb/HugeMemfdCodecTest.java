// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.LuoException;
import org.luo.linux.Stat;

class HugeMemfdCodecTest {
    private static final HugeMemfdState STATE = new HugeMemfdState(
            0x0102_0304_0506_0708L, 0x4000_0000_0060_0000L, 0x2e, 2, 2 << 20, 0x2122_2324_2526_2728L, -2, 0100666);
    private static final String GOLDEN = """
        0000600000000040 0807060504030201
        0000000000000000 0000000000000000 0000000000000000 09 00000000000000
        2827262524232221 feffffffffffffff
        b6810000 02000000 2e000000 00000000
        """;

    @Test
    void theLayoutIsThis() {
        assertThat(HugeMemfdCodec.encode(STATE)).isEqualTo(golden());
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        assertThat(HugeMemfdCodec.decode(golden())).isEqualTo(STATE);
        assertThat(HugeMemfdCodec.holds(golden(), stat(STATE.size(), STATE.mode())))
                .isTrue();
    }

    @Test
    void aChangeOfSizeOrModeIsSeenAndWritten() throws Exception {
        Stat grown = stat(STATE.size() + STATE.pageSize(), STATE.mode());
        Stat changed = stat(STATE.size(), STATE.mode() ^ 1);
        assertThat(HugeMemfdCodec.holds(golden(), grown)).isFalse();
        assertThat(HugeMemfdCodec.holds(golden(), changed)).isFalse();
        assertThat(HugeMemfdCodec.decode(HugeMemfdCodec.with(golden(), grown)).size())
                .isEqualTo(grown.size());
        assertThat(HugeMemfdCodec.decode(HugeMemfdCodec.with(golden(), changed)).mode())
                .isEqualTo(changed.mode());
    }

    private static Stat stat(long size, int mode) {
        return new Stat(0, 0, mode, 0, size, 0, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 01, offset 0: size 4611686018433679361 is not one of whole pages",
        "7, 80, offset 0: size beyond any file",
        "15, 80, offset 8: position beyond any file",
        "16, 01, offset 16: not 0",
        "39, 01, offset 39: not 0",
        "40, 29, offset 40: order 41",
        "40, ff, offset 40: order 255",
        "41, 01, offset 41: not 0",
        "47, 01, offset 47: not 0",
        "65, 01, offset 64: mode 666 is no regular file's",
        "68, 03, offset 68: access mode 3",
        "72, 40, offset 72: seals 0x40",
        "76, 01, offset 76: not 0"
    })
    void aWrongByteIsNamed(int offset, String value, String problem) {
        byte[] bytes = golden();
        bytes[offset] = (byte) Integer.parseInt(value, 16);
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> HugeMemfdCodec.decode(bytes))
                .withMessage("hugetlb memfd state at " + problem + " [EBADMSG]");
    }

    @Test
    void onlyTheWholeIsTaken() {
        for (int length = 0; length < 2 * HugeMemfdCodec.BYTES; length++) {
            byte[] bytes = Arrays.copyOf(golden(), length);
            if (length != HugeMemfdCodec.BYTES) {
                assertThatExceptionOfType(LuoException.MalformedState.class)
                        .isThrownBy(() -> HugeMemfdCodec.decode(bytes))
                        .withMessageContaining(length + " bytes, expected 80");
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
                assertThat(HugeMemfdCodec.encode(HugeMemfdCodec.decode(bytes))).isEqualTo(bytes);
            } catch (LuoException e) {
                assertThat(e).isInstanceOf(LuoException.MalformedState.class);
            }
        }
    }

    private static byte[] golden() {
        return HexFormat.of().parseHex(GOLDEN.replaceAll("\\s", ""));
    }
}
