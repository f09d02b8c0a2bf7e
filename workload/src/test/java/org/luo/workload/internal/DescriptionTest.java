// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;

class DescriptionTest {
    private static Description description() throws LuoException {
        SessionName one = SessionName.of("vm1");
        SessionName longest = SessionName.of("é".repeat(31) + "x");
        return new Description(
                -3,
                true,
                2,
                List.of(one, longest, SessionName.of("empty")),
                List.of(
                        new Description.File(one, Token.of(1), 1L << 40, 3, 0x3f, 0100666, true, 1, 2),
                        new Description.File(longest, Token.of(~1L), 0, 10, 0, 0100777, false, 3, ~0L)));
    }

    @Test
    void whatIsWrittenIsReadAgain() throws LuoException {
        assertThat(Description.decode(description().encode())).isEqualTo(description());
    }

    @Test
    void theLayoutIsWhatItWas() throws LuoException {
        byte[] bytes = description().encode();
        assertThat(bytes).hasSize(48 + 3 * 64 + 2 * 56);
        assertThat(HexFormat.of().formatHex(bytes, 0, 52))
                .isEqualTo("4c554f574f524b31" + "b2ab7b08" + "02000000" + "03000000" + "01000000" + "fdffffffffffffff"
                        + "0200000000000000" + "0000000000000000" + "766d3100");
    }

    @Test
    void aChangedOrMissingByteAnywhereIsNoticed() throws LuoException {
        byte[] good = description().encode();
        for (int at = 0; at < good.length; at++) {
            byte[] damaged = good.clone();
            damaged[at] = (byte) (damaged[at] ^ 1 << at % 8);
            byte[] cut = Arrays.copyOf(good, at);
            assertThatThrownBy(() -> Description.decode(damaged)).isInstanceOf(LuoException.MalformedState.class);
            assertThatThrownBy(() -> Description.decode(cut)).isInstanceOf(LuoException.MalformedState.class);
        }
    }
}
