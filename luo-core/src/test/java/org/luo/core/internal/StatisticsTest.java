// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Statistics;
import org.luo.Statistics.PhaseTimes;
import org.luo.Token;
import org.luo.core.internal.CoreState.Dependency;
import org.luo.core.internal.CoreState.FileName;
import org.luo.core.internal.Tally.Times;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.testkit.Callback;

/** Counts and times, and how they cross over. */
final class StatisticsTest {
    private static final String GOLDEN = "0500000000000000" + "0200000000000000" + "0100000000000000"
            + "0a00000000000000" + "0b00000000000000"
            + "01000000" + "06" + "667265657a65" + "0300000000000000" + "02000000" + "0700000000000000"
            + "0900000000000000"
            + "01000000" + "03" + "766d31" + "04000000"
            + "01000000" + "03" + "766d31" + "0900000000000000" + "01" + "78" + "ffffffffffffffff";

    private static CoreState golden() throws LuoException {
        return new CoreState(
                5,
                2,
                1,
                10,
                11,
                Map.of("freeze", new Times(3, new long[] {7, 9})),
                Map.of(SessionName.of("vm1"), 4),
                List.of(new Dependency(
                        new FileName(SessionName.of("vm1"), Token.of(9)),
                        new FileName(SessionName.of("x"), Token.of(-1)))));
    }

    private static CoreState read(byte[] bytes) throws LuoException {
        StateRecord record = new StateRecord(StateRecord.Role.CORE, CoreState.FORMAT, Carried.of(bytes, List.of()));
        return CoreState.in(new Contents(1, List.of(), List.of(), List.of(), List.of(record)));
    }

    @Test
    void theStateOfTheCoreHasTheseBytes() throws Exception {
        assertThat(HexFormat.of().formatHex(golden().bytes())).isEqualTo(GOLDEN);
        assertThat(read(HexFormat.of().parseHex(GOLDEN)).bytes()).isEqualTo(golden().bytes());
    }

    @Test
    void anUnknownFormatIsLeftAlone() throws Exception {
        StateRecord other = new StateRecord(
                StateRecord.Role.CORE, Compatible.of("luo-core-p9"), Carried.of(new byte[1], List.of()));
        assertThat(CoreState.in(new Contents(1, List.of(), List.of(), List.of(), List.of(other))))
                .isSameAs(CoreState.NONE);
    }

    @Test
    void everyTruncationAndEveryExtraByteIsRefused() throws Exception {
        byte[] whole = golden().bytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            refused(Errno.EBADMSG, () -> read(part));
        }
        refused(Errno.EBADMSG, () -> read(Arrays.copyOf(whole, whole.length + 1)));
    }

    @Test
    void numbersThatCannotBeAreRefused() throws Exception {
        refused(Errno.EBADMSG, () -> read(with(0, -1)));
        refused(Errno.EBADMSG, () -> read(with(8, Long.MIN_VALUE)));
        refused(Errno.EBADMSG, () -> read(with(55, 1)));
        refused(Errno.EBADMSG, () -> read(with(67, -1)));
        byte[] phases = golden().bytes();
        ByteBuffer.wrap(phases).order(ByteOrder.LITTLE_ENDIAN).putInt(40, Integer.MAX_VALUE);
        refused(Errno.EBADMSG, () -> read(phases));
    }

    private static byte[] with(int offset, long value) throws LuoException {
        byte[] bytes = golden().bytes();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(offset, value);
        return bytes;
    }

    @Test
    void randomBytesAreReadOrRefusedAndNothingElse() throws Exception {
        Random random = new Random(17);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = golden().bytes();
            for (int j = random.nextInt(4); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Throwable thrown = Assertions.catchThrowable(() -> read(bytes));
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(LuoException.MalformedState.class);
            }
        }
    }

    @Test
    void percentilesAreThoseOfTheLatestValues() {
        Tally tally = new Tally();
        for (int i = 1; i <= 300; i++) {
            tally.took("freeze", i);
        }
        tally.took("freeze", -1);
        assertThat(tally.statistics().phases()).containsExactly(new PhaseTimes("freeze", 300, 300, 236, 288, 299));
        Tally one = new Tally();
        one.took("pass", 7);
        assertThat(one.statistics().phases()).containsExactly(new PhaseTimes("pass", 1, 7, 7, 7, 7));
    }

    @Test
    void theyCrossOverAndTheSuccessorAddsWhatItSees() throws Exception {
        Platform platform = Platform.serving();
        var memfd = platform.handler("memfd");
        platform.session("vm1", "a");
        Platform first = platform;
        refused(Errno.ENOENT, () -> first.update(first.successor()));
        memfd.on(Callback.FREEZE, 1).fails(Errno.EIO);
        refused(Errno.EIO, () -> first.update(first.successor("memfd")));
        assertThat(platform.orchestrator.statistics())
                .extracting(Statistics::done, Statistics::failed, Statistics::rolledBack)
                .containsExactly(0L, 2L, 1L);
        for (int i = 0; i < 3; i++) {
            platform = platform.update(platform.successor("memfd"));
        }
        Statistics statistics = platform.orchestrator.statistics();
        assertThat(statistics)
                .extracting(Statistics::done, Statistics::failed, Statistics::rolledBack)
                .containsExactly(3L, 2L, 1L);
        Map<String, Long> counts = new LinkedHashMap<>();
        statistics.phases().forEach(phase -> counts.put(phase.name(), phase.count()));
        assertThat(counts)
                .containsEntry("prepare", 5L)
                .containsEntry("freeze", 3L)
                .containsEntry("handover", 4L)
                .containsEntry("blackout", 3L)
                .containsEntry("total", 3L);
    }

    @Test
    void howOftenAnUnclaimedSessionWasCarriedOnIsShown() throws Exception {
        Platform platform = Platform.serving();
        platform.handler("memfd");
        platform.session("vm1", "a");
        for (int i = 0; i < 3; i++) {
            platform = platform.update(platform.successor("memfd"));
            assertThat(platform.orchestrator.sessions())
                    .extracting(session -> session.carried())
                    .containsExactly(i);
        }
    }
}
