// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CAN_FINISH;
import static org.luo.testkit.Callback.FINISH;
import static org.luo.testkit.Callback.RETRIEVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.FileInfo.Phase;
import org.luo.IncomingSession;
import org.luo.Token;
import org.luo.testkit.RecordingHandler;

/** Finishing an incoming session, asked for or implied by closing it. */
final class FinishTest {
    private Platform platform;
    private RecordingHandler memfd;

    @BeforeEach
    void aSessionThatCameOver() throws Exception {
        Platform first = Platform.serving();
        withPlugins(first);
        first.session("vm1", "a", "b", "c");
        first.session("empty");
        platform = first.successor();
        memfd = withPlugins(platform);
        first.update(platform);
        platform.journal.clear();
    }

    private static RecordingHandler withPlugins(Platform platform) throws Exception {
        platform.flb("first");
        platform.flb("second");
        return platform.add(
                new RecordingHandler("memfd", platform.journal, platform.fds).needing("first-v1", "second-v1"));
    }

    @Test
    void allAreAskedInOrderThenAllAreFinishedLatestFirst() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        memfd.on(RETRIEVE, 2).fails(Errno.ENXIO);
        platform.fds.close(session.retrieve(Token.of(1)));
        refused(Errno.ENXIO, () -> session.retrieve(Token.of(2)));
        platform.journal.clear();
        session.finish();
        assertThat(platform.journal.lines())
                .containsExactly(
                        "memfd.canFinish a'",
                        "memfd.canFinish b'",
                        "memfd.canFinish c'",
                        "memfd.finish c' never",
                        "memfd.finish b' ENXIO",
                        "memfd.finish a' retrieved",
                        "second.retrieve second#1",
                        "second.finish second#1",
                        "first.retrieve first#1",
                        "first.finish first#1");
    }

    @Test
    void whatWasNeverRetrievedIsDisposedOfAndNotRetrieved() throws Exception {
        platform.retrieve("vm1").finish();
        assertThat(platform.journal.lines(RETRIEVE)).noneMatch(line -> line.startsWith("memfd"));
        platform.retrieve("empty").close();
        assertThat(platform.fds.openCount()).isZero();
    }

    @Test
    void aRefusalChangesNothingAndFinishingMayBeTriedAgain() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        memfd.refuseFinish("b");
        Platform.Snapshot before = platform.snapshot();
        assertThat(refused(Errno.EBUSY, session::finish)).hasMessageContaining("vm1/0x2: still in use");
        assertThat(platform.journal.lines()).containsExactly("memfd.canFinish a'", "memfd.canFinish b'");
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.fds.close(session.retrieve(Token.of(2)));
        memfd.refuseFinish();
        session.finish();
        assertThat(platform.journal.lines(FINISH)).contains("memfd.finish b' retrieved");
    }

    @Test
    void afterwardsTheSessionIsOpenAndEmpty() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        session.finish();
        platform.journal.clear();
        session.finish();
        assertThat(platform.journal.lines()).isEmpty();
        refused(Errno.ENOENT, () -> session.retrieve(Token.of(1)));
        assertThat(session.name()).hasToString("vm1");
        assertThat(platform.orchestrator.sessions())
                .extracting(info -> info.name() + " " + info.files() + " " + info.claimed())
                .containsExactly("vm1 0 true", "empty 0 false");
    }

    @Test
    void anEmptySessionIsFinished() throws Exception {
        IncomingSession session = platform.retrieve("empty");
        session.finish();
        session.close();
        assertThat(platform.journal.lines()).isEmpty();
    }

    @Test
    void closingFinishes() throws Exception {
        platform.retrieve("vm1").close();
        assertThat(platform.journal.lines(FINISH))
                .containsExactly(
                        "memfd.finish c' never",
                        "memfd.finish b' never",
                        "memfd.finish a' never",
                        "second.finish second#1",
                        "first.finish first#1");
        platform.retrieve("empty").close();
        platform.assertHoldsNothing();
    }

    @Test
    void aSessionThatMayNotBeClosedCanBeRetrievedAgain() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        platform.fds.close(session.retrieve(Token.of(1)));
        memfd.refuseFinish("c");
        refused(Errno.EBUSY, session::close);
        assertThat(platform.journal.lines(FINISH)).isEmpty();
        session.close();
        assertThat(platform.journal.count(CAN_FINISH)).isEqualTo(3);
        refused(Errno.EBADF, () -> session.retrieve(Token.of(1)));
        refused(Errno.EBADF, session::finish);

        IncomingSession again = platform.retrieve("vm1");
        assertThat(platform.orchestrator.files().getFirst().phase()).isEqualTo(Phase.RETRIEVED);
        platform.fds.close(again.retrieve(Token.of(1)));
        assertThat(platform.journal.count(RETRIEVE)).isEqualTo(1);
        memfd.refuseFinish();
        again.close();
        refused(Errno.ENOENT, () -> platform.retrieve("vm1"));
    }

    @Test
    void aSessionClosedInItsOwnCallbackCanBeRetrievedAgain() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        memfd.on(CAN_FINISH, 1).runs(() -> {
            refused(Errno.EDEADLK, () -> session.retrieve(Token.of(1)));
            refused(Errno.EDEADLK, session::finish);
            refused(Errno.EDEADLK, session::close);
            memfd.refuseFinish("a");
        });
        refused(Errno.EBUSY, session::finish);
        memfd.refuseFinish();
        platform.retrieve("vm1").close();
        platform.retrieve("empty").close();
        platform.assertHoldsNothing();
    }

    @Test
    void nothingIsFinishedWhileAnFlbIsGone() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        platform.core
                .flbs()
                .remove(platform.core.flbs().slots().get(1).current().service());
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EAGAIN, session::finish);
        assertThat(platform.journal.lines()).isEmpty();
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.flb("second");
        session.close();
        assertThat(platform.journal.lines(FINISH)).hasSize(5);
    }
}
