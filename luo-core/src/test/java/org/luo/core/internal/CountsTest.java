// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.luo.LuoException;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.StateRecord;

/** How often what has happened, and how that crosses over. */
final class CountsTest {
    private static final String GOLDEN = "0300000000000000" + "06" + "6b65726e656c" + "02000000" + "06" + "6b65726e656c"
            + "0100000000000000" + "07" + "70726f63657373" + "0900000000000000";

    private static Counts read(byte[] bytes) throws LuoException {
        StateRecord record = new StateRecord(StateRecord.Role.CORE, Counts.FORMAT, Carried.of(bytes, List.of()));
        return Counts.in(new Contents(1, List.of(), List.of(), List.of(), List.of(record)));
    }

    @Test
    void theyHaveTheseBytes() throws Exception {
        Counts counts = new Counts("kernel", 3, new TreeMap<>(Map.of("process", 9L, "kernel", 1L)));
        assertThat(HexFormat.of().formatHex(counts.bytes())).isEqualTo(GOLDEN);
        assertThat(read(counts.bytes())).isEqualTo(counts);
    }

    @Test
    void whatIsDamagedIsRefusedOrSomethingElse() throws Exception {
        byte[] golden = HexFormat.of().parseHex(GOLDEN);
        for (int length = 0; length < golden.length; length++) {
            byte[] truncated = Arrays.copyOf(golden, length);
            assertThat(catchThrowable(() -> read(truncated))).isInstanceOf(LuoException.MalformedState.class);
        }
        for (int bit = 0; bit < golden.length * 8; bit++) {
            byte[] damaged = golden.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Throwable thrown = catchThrowable(() -> read(damaged));
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(LuoException.MalformedState.class);
            } else {
                assertThat(read(damaged).bytes()).hasSameSizeAs(golden);
            }
        }
    }

    @Test
    void aKindThatIsNoNameIsAnother() {
        assertThat(new Counts("a b", 0, Map.of()).underWay()).isEqualTo("other");
        assertThat(new Counts("", 0, Map.of()).underWay()).isEmpty();
    }

    @Test
    void aPredecessorThatDidNotCountIsNone() throws Exception {
        assertThat(Counts.in(new Contents(1, List.of(), List.of(), List.of()))).isEqualTo(Counts.NONE);
        Tally tally = new Tally();
        tally.inherit(CoreState.NONE, Counts.NONE);
        tally.done("");
        tally.done("process");
        assertThat(tally.statistics().done()).isEqualTo(2);
        assertThat(tally.statistics().kinds()).containsOnly(Map.entry("process", 1L));
    }
}
