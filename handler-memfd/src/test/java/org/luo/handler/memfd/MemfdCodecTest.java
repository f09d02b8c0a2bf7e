// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

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

class MemfdCodecTest {
    private static final MemfdState STATE = new MemfdState(
            0x0102_0304_0506_0708L, 0x1112_1314_1516_1718L, 0x2e, 2, 0x2122_2324_2526_2728L, -2, 0100666);
    private static final String GOLDEN = """
        0807060504030201 1817161514131211
        2e000000 00000000 0000000000000000 0000000000000000 0000000000000000
        2827262524232221 feffffffffffffff
        b6810000 02000000
        """;

    @Test
    void theLayoutIsThis() {
        assertThat(MemfdCodec.encode(STATE)).isEqualTo(golden());
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        assertThat(MemfdCodec.decode(golden())).isEqualTo(STATE);
        assertThat(MemfdCodec.holds(golden(), stat(STATE.size(), STATE.mode()))).isTrue();
    }

    @Test
    void aChangeOfSizeOrModeIsSeenAndWritten() throws Exception {
        Stat grown = stat(STATE.size() + 1, STATE.mode());
        Stat changed = stat(STATE.size(), STATE.mode() ^ 1);
        assertThat(MemfdCodec.holds(golden(), grown)).isFalse();
        assertThat(MemfdCodec.holds(golden(), changed)).isFalse();
        assertThat(MemfdCodec.decode(MemfdCodec.with(golden(), grown)).size()).isEqualTo(STATE.size() + 1);
        assertThat(MemfdCodec.decode(MemfdCodec.with(golden(), changed)).mode()).isEqualTo(STATE.mode() ^ 1);
        assertThat(MemfdCodec.with(golden(), stat(STATE.size(), STATE.mode()))).isEqualTo(golden());
    }

    private static Stat stat(long size, int mode) {
        return new Stat(0, 0, mode, 0, size, 0, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "7, 80, offset 0: position beyond any file",
        "15, 80, offset 8: size beyond any file",
        "16, 40, offset 16: seals 0x40",
        "23, 01, offset 20: flags are not 0",
        "24, 01, offset 24: pages are not 0",
        "39, 01, offset 32: pages are not 0",
        "47, 01, offset 40: pages are not 0",
        "65, 01, offset 64: mode 666 is no regular file's",
        "68, 03, offset 68: access mode 3",
        "71, 80, offset 68: access mode -2147483646"
    })
    void aWrongByteIsNamed(int offset, String value, String problem) {
        byte[] bytes = golden();
        bytes[offset] = (byte) Integer.parseInt(value, 16);
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> MemfdCodec.decode(bytes))
                .withMessage("memfd state at " + problem + " [EBADMSG]");
    }

    @Test
    void onlyTheWholeIsTaken() {
        for (int length = 0; length < 2 * MemfdCodec.BYTES; length++) {
            byte[] bytes = Arrays.copyOf(golden(), length);
            if (length != MemfdCodec.BYTES) {
                assertThatExceptionOfType(LuoException.MalformedState.class)
                        .isThrownBy(() -> MemfdCodec.decode(bytes))
                        .withMessageContaining(length + " bytes, expected 72");
            }
        }
    }

    @Test
    void whateverIsTakenIsWrittenBackTheSame() {
        Random random = new Random(42);
        byte[] template = golden();
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = template.clone();
            for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(MemfdCodec.encode(MemfdCodec.decode(bytes))).isEqualTo(bytes);
            } catch (LuoException e) {
                assertThat(e).isInstanceOf(LuoException.MalformedState.class);
            }
        }
    }

    private static byte[] golden() {
        return HexFormat.of().parseHex(GOLDEN.replaceAll("\\s", ""));
    }
}
