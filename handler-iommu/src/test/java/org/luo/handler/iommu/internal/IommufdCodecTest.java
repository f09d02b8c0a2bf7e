// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.LuoException;
import org.luo.handler.iommu.internal.IommufdState.IommuObject;
import org.luo.handler.iommu.internal.IommufdState.Kind;

class IommufdCodecTest {
    private static final IommufdState STATE = new IommufdState(
            0x01020304,
            2,
            List.of(new IommuObject(Kind.DEVICE, 1, 1, 0x1112131415161718L), new IommuObject(Kind.IOAS, 3, 2, 0)));
    private static final String GOLDEN = """
        0403020100000000 02000000 02000000
        01000000 02000000 01000000 00000000 1817161514131211
        03000000 01000000 02000000 00000000 0000000000000000
        """;

    private static byte[] golden() {
        return HexFormat.of().parseHex(GOLDEN.replaceAll("\\s", ""));
    }

    @Test
    void theLayoutIsThis() throws Exception {
        assertThat(IommufdCodec.encode(STATE)).isEqualTo(golden());
        assertThat(IommufdCodec.decode(golden())).isEqualTo(STATE);
    }

    @ParameterizedTest
    @CsvSource({
        "4, 01, offset 0: no device number",
        "8, 03, offset 8: access mode 3",
        "12, 01, offset 12: 64 bytes for 1 object",
        "15, 80, offset 12: -2147483646 objects",
        "13, 20, offset 12: 8194 objects",
        "16, 03, offset 40: object 3 after 3",
        "17, 11, offset 16: object 4353 after 0",
        "20, 00, offset 20: kind 0",
        "44, 03, offset 44: kind 3",
        "28, 01, offset 28: not 0",
        "56, 01, offset 56: capabilities of an address space"
    })
    void aWrongByteIsNamed(int offset, String value, String problem) {
        byte[] bytes = golden();
        bytes[offset] = (byte) Integer.parseInt(value, 16);
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> IommufdCodec.decode(bytes))
                .withMessage("iommufd state at " + problem + " [EBADMSG]");
    }

    @Test
    void whateverIsTakenIsWrittenBackTheSame() {
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = golden();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                assertThat(IommufdCodec.encode(IommufdCodec.decode(bytes))).isEqualTo(bytes);
            } catch (LuoException e) {
                assertThat(e).isInstanceOf(LuoException.MalformedState.class);
            }
        }
    }
}
