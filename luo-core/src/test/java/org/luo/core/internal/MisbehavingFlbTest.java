// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FINISH;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.core.internal.MisbehavingHandlerTest.Way;
import org.luo.spi.FlbReferences;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** The same for FLBs, of which the handler here needs four. */
final class MisbehavingFlbTest {
    private static final int FLBS = 4;

    private Platform platform;
    private RecordingFlb[] flbs;
    private OutgoingSession vm1;

    @BeforeEach
    void aHandlerWithFourFlbs() throws Exception {
        platform = Platform.serving();
        flbs = withPlugins(platform);
        vm1 = platform.session("vm1");
    }

    private static RecordingFlb[] withPlugins(Platform platform) throws Exception {
        RecordingFlb[] flbs = new RecordingFlb[FLBS];
        for (int i = 0; i < FLBS; i++) {
            flbs[i] = platform.flb("f" + i);
        }
        platform.add(new RecordingHandler("memfd", platform.journal, platform.fds)
                .needing("f0-v1", "f1-v1", "f2-v1", "f3-v1"));
        return flbs;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void whicheverFailsThoseBeforeItAreTakenBackInReverse(int failing) throws Exception {
        Platform.Snapshot before = platform.snapshot();
        flbs[failing].on(PRESERVE, 1).fails(Errno.ENOMEM);
        refused(Errno.ENOMEM, () -> platform.preserve(vm1, "a", 1));
        String[] expected = new String[2 * failing + 1];
        for (int i = 0; i < failing; i++) {
            expected[i] = "f" + i + ".preserve";
            expected[2 * failing - i] = "f" + i + ".unpreserve f" + i + "#1";
        }
        expected[failing] = "f" + failing + ".preserve";
        assertThat(platform.journal.lines(PRESERVE, UNPRESERVE)).containsExactly(expected);
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void preservingFailsAndLeavesNothing(Way way) throws Exception {
        Platform.Snapshot before = platform.snapshot();
        way.in(flbs[2].on(PRESERVE, 1));
        refused(way.errno, () -> platform.preserve(vm1, "a", 1));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.preserve(vm1, "a", 1);
        vm1.close();
        platform.assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILS", "UNCHECKED", "ERROR"})
    void unpreservingGoesOn(Way way) throws Exception {
        way.in(flbs[2].on(UNPRESERVE));
        platform.preserve(vm1, "a", 1);
        vm1.close();
        assertThat(platform.journal.lines(UNPRESERVE))
                .containsExactly(
                        "memfd.unpreserve a",
                        "f3.unpreserve f3#1",
                        "f2.unpreserve f2#1",
                        "f1.unpreserve f1#1",
                        "f0.unpreserve f0#1");
        platform.assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource
    void retrievingFailsForGoodAndFilesAreFinishedAllTheSame(Way way) throws Exception {
        platform.preserve(vm1, "a", 1);
        Platform next = platform.successor();
        RecordingFlb flb = withPlugins(next)[2];
        platform.update(next);
        FlbReferences references = next.core.flbReferences();
        way.in(flb.on(RETRIEVE, 1));
        refused(way.errno, () -> references.incoming(flb));
        refused(way.errno, () -> references.incoming(flb));
        next.retrieve("vm1").close();
        assertThat(next.journal.lines(FINISH))
                .containsExactly("memfd.finish a' never", "f3.finish f3#1", "f1.finish f1#1", "f0.finish f0#1");
        refused(Errno.ENODATA, () -> references.incoming(flb));
        next.assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILS", "UNCHECKED", "ERROR"})
    void finishingGoesOn(Way way) throws Exception {
        platform.preserve(vm1, "a", 1);
        Platform next = platform.successor();
        way.in(withPlugins(next)[2].on(FINISH));
        platform.update(next);
        next.retrieve("vm1").close();
        assertThat(next.journal.lines(FINISH)).hasSize(5).endsWith("f0.finish f0#1");
        next.assertHoldsNothing();
    }
}
