// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.LuoException;
import org.luo.linux.VfioDevice.Irq;
import org.luo.linux.VfioDevice.Region;

class VfioCodecTest {
    private static final VfioState STATE = new VfioState(
            0xf907,
            2,
            2,
            new PciFunction(new PciAddress(0x10000, 0xab, 0x1f, 7), 0x1234, 0x11e8, 0x1af4, 0x1100, 9),
            List.of(new Region(7, 0x100000, 0), new Region(3, 0x100, 0x70000000000L)),
            List.of(new Irq(9, 32)));
    private static final String GOLDEN = """
        07f9000000000000 02000000 02000000
        00000100 ffab0000 3412 e811 f41a 0011 09000000
        02000000 01000000 00000000
        07000000 00000000 0000100000000000 0000000000000000
        03000000 00000000 0001000000000000 0000000000070000
        09000000 20000000
        """;

    private static byte[] golden() {
        return HexFormat.of().parseHex(GOLDEN.replaceAll("\\s", ""));
    }

    @Test
    void theLayoutIsThis() throws Exception {
        assertThat(VfioCodec.encode(STATE)).isEqualTo(golden());
        assertThat(VfioCodec.decode(golden())).isEqualTo(STATE);
        assertThat(STATE.function().address()).hasToString("10000:ab:1f.7");
    }

    @ParameterizedTest
    @CsvSource({
        "4, 01, offset 0: no device number",
        "8, 03, offset 8: access mode 3",
        "12, 05, offset 12: flags without that of PCI",
        "22, 01, 'offset 20: no bus, device and function'",
        "35, 80, offset 32: group -2147483639",
        "36, 01, offset 36: 104 bytes for 1 region and 1 interrupt",
        "39, 80, offset 36: count -2147483646",
        "41, 08, offset 40: count 2049",
        "44, 01, offset 44: not 0",
        "52, 01, offset 52: not 0"
    })
    void aWrongByteIsNamed(int offset, String value, String problem) {
        byte[] bytes = golden();
        bytes[offset] = (byte) Integer.parseInt(value, 16);
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> VfioCodec.decode(bytes))
                .withMessage("VFIO state at " + problem + " [EBADMSG]");
    }

    @Test
    void onlyTheWholeIsTaken() {
        for (int length = 0; length < 3 * golden().length; length++) {
            byte[] bytes = Arrays.copyOf(golden(), length);
            if (length != golden().length) {
                assertThatExceptionOfType(LuoException.MalformedState.class).isThrownBy(() -> VfioCodec.decode(bytes));
            }
        }
    }

    @Test
    void whateverIsTakenIsWrittenBackTheSame() {
        for (int bit = 0; bit < golden().length * 8; bit++) {
            byte[] bytes = golden();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertThat(VfioCodec.encode(VfioCodec.decode(bytes))).isEqualTo(bytes);
            } catch (LuoException e) {
                assertThat(e).isInstanceOf(LuoException.MalformedState.class);
            }
        }
    }
}
