// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CAN_FINISH;
import static org.luo.testkit.Callback.CAN_PRESERVE;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.RETRIEVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.HandlerVerdict;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.spi.Verdict;
import org.luo.testkit.RecordingHandler;

/** A handler whose verdicts are wrong: what it said is shown, nothing is half done, and no other handler's file is hurt. */
final class LyingHandlerTest {
    private Platform platform;
    private RecordingHandler liar;
    private OutgoingSession vm1;

    @BeforeEach
    void aLiarIsAskedFirst() throws Exception {
        platform = Platform.serving();
        liar = platform.handler("liar");
        platform.handler("honest");
        vm1 = platform.session("vm1");
    }

    @Test
    void oneThatSaysYesAndCannotPreserveRefusesTheClientWithItsOwnReason() throws Exception {
        int fd = platform.open("a");
        Platform.Snapshot before = platform.snapshot();
        liar.on(PRESERVE).fails(Errno.EOPNOTSUPP);
        refused(Errno.EOPNOTSUPP, () -> vm1.preserve(fd, Token.of(1)));
        assertThat(platform.journal.lines(PRESERVE)).containsExactly("liar.preserve a");
        assertThat(platform.snapshot()).isEqualTo(before);
        liar.on(CAN_PRESERVE).returns(Verdict.no("not after all"));
        vm1.preserve(fd, Token.of(1));
        vm1.close();
        platform.assertHoldsNothing(fd);
    }

    @Test
    void oneThatTakesAnothersFilesIsFoundByAsking() throws Exception {
        assertThat(platform.orchestrator.check(platform.open("a")))
                .as("who claims the file")
                .filteredOn(HandlerVerdict::takes)
                .extracting(verdict -> verdict.compatible().text())
                .containsExactly("liar-v1", "honest-v1");
        platform.preserve(vm1, "a", 1);
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.compatible().text())
                .containsExactly("liar-v1");
    }

    /** Files that it has belong to it: it is not asked whether it would take them. */
    @Test
    void oneThatNoLongerTakesWhatItKeepsBringsItBackAllTheSame() throws Exception {
        platform.preserve(vm1, "a", 1);
        liar.on(CAN_PRESERVE).returns(Verdict.no("never seen"));
        Platform next = platform.successor();
        RecordingHandler successors = next.handler("liar");
        next.handler("honest");
        successors.on(CAN_PRESERVE).returns(Verdict.no("never seen"));
        platform.update(next);
        IncomingSession back = next.retrieve("vm1");
        int fd = back.retrieve(Token.of(1));
        assertThat(next.journal.lines(RETRIEVE)).containsExactly("liar.retrieve a'");
        back.close();
        next.session("vm2").preserve(fd, Token.of(1));
        assertThat(next.orchestrator.files())
                .extracting(file -> file.compatible().text())
                .containsExactly("honest-v1");
    }

    /** The same file is known by its identity, whoever takes it. */
    @Test
    void aFileIsNotKeptTwiceByHandlersThatDisagree() throws Exception {
        int fd = platform.open("a");
        vm1.preserve(fd, Token.of(1));
        liar.on(CAN_PRESERVE).returns(Verdict.no("never seen"));
        OutgoingSession vm2 = platform.session("vm2");
        assertThat(refused(Errno.EBUSY, () -> vm2.preserve(fd, Token.of(1))))
                .hasMessageContaining("already preserved as vm1/0x1");
        assertThat(platform.orchestrator.files()).hasSize(1);
    }

    @Test
    void oneThatLetsAFileGoAndThenRefusesIsAskedAgain() throws Exception {
        platform.preserve(vm1, "a", 1);
        Platform next = platform.successor();
        RecordingHandler successors = next.handler("liar");
        next.handler("honest");
        platform.update(next);
        IncomingSession back = next.retrieve("vm1");
        successors.on(CAN_FINISH, 1).returns(Verdict.no("not yet"));
        assertThat(refused(Errno.EBUSY, back::finish)).hasMessageContaining("vm1/0x1: not yet");
        back.close();
        next.assertHoldsNothing();
    }
}
