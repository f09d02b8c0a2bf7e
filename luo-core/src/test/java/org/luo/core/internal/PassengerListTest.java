// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.handover.Draft;
import org.luo.handover.Passenger;
import org.luo.handover.PassengerList;
import org.luo.spi.PluginState;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingHandler;

/** A list of what would go over changes nothing, and lasts until it is closed. */
final class PassengerListTest {
    private Platform platform;
    private RecordingHandler memfd;
    private OutgoingSession one;
    private OutgoingSession two;

    @BeforeEach
    void twoSessions() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
        one = platform.session("one", "a", "b");
        two = platform.session("two", "c");
    }

    @Test
    void itHasTheFilesInOrderWithTheirFds() throws Exception {
        try (PassengerList list = platform.core.outgoing().passengers()) {
            assertThat(list.passengers())
                    .extracting(passenger -> passenger.name().toString())
                    .containsExactly("one/0x1", "one/0x2", "two/0x1");
            assertThat(list.passengers())
                    .extracting(passenger ->
                            platform.fds.name(passenger.files().getFirst().fd()))
                    .containsExactly("a", "b", "c");
            assertThat(list.passengers())
                    .extracting(Passenger::compatible)
                    .containsOnly(platform.orchestrator.files().getFirst().compatible());
        }
    }

    @Test
    void filesThatGoMeanwhileStayOpenUntilItIsClosed() throws Exception {
        PassengerList list = platform.core.outgoing().passengers();
        one.unpreserve(Token.of(1));
        two.close();
        assertThat(platform.fds.openCount()).isEqualTo(3);
        list.close();
        list.close();
        assertThat(platform.fds.openCount()).isEqualTo(1);
        one.close();
        platform.assertHoldsNothing();
    }

    @Test
    void unclaimedSessionsAreInIt() throws Exception {
        Platform successor = platform.update(platform.successor("memfd"));
        successor.retrieve("one").close();
        try (PassengerList list = successor.core.outgoing().passengers()) {
            assertThat(list.passengers())
                    .extracting(passenger -> passenger.name().toString())
                    .containsExactly("two/0x1");
        }
    }

    @Test
    void nothingIsFrozenAndADraftBeforeItStillCounts() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        Draft draft = platform.core.outgoing().draft();
        draft.close();
        platform.core.outgoing().passengers().close();
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.core.outgoing().freeze(draft).image().files()).isEmpty();
    }

    @Test
    void anImageThatWouldBeTooLongIsRefusedAheadOfTheFreeze() throws Exception {
        platform.core.departure().longestImage = 500;
        refused(Errno.EFBIG, () -> platform.core.outgoing().passengers());
        assertThat(platform.journal.lines(Callback.FREEZE)).isEmpty();
        one.close();
        two.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aLongImageThatMayBeTooLongIsTried() throws Exception {
        memfd.on(Callback.PRESERVE).returns(PluginState.of(new byte[PluginState.MAX_BYTES]));
        platform.preserve(two, "d", 2);
        platform.core.outgoing().passengers().close();
        platform.core.departure().longestImage = PluginState.MAX_BYTES;
        refused(Errno.EFBIG, () -> platform.core.outgoing().passengers());
    }
}
