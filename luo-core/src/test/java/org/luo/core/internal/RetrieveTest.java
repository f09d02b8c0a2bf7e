// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.IDENTITY;
import static org.luo.testkit.Callback.RETRIEVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.FileInfo.Phase;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.testkit.RecordingHandler;

/** Taking up a session that came over, and its files. */
final class RetrieveTest {
    private static final Token A = Token.of(1);
    private static final Token B = Token.of(2);

    private Platform platform;
    private RecordingHandler memfd;

    @BeforeEach
    void aSessionThatCameOver() throws Exception {
        Platform first = Platform.serving();
        first.handler("memfd");
        first.session("vm1", "a", "b");
        platform = first.successor();
        memfd = platform.handler("memfd");
        first.update(platform);
        platform.journal.clear();
    }

    @Test
    void anUnknownSessionIsNotFoundAndNeitherIsAnOutgoingOne() throws Exception {
        platform.session("out");
        refused(Errno.ENOENT, () -> platform.retrieve("nobody"));
        refused(Errno.ENOENT, () -> platform.retrieve("out"));
        refused(Errno.ENOENT, () -> platform.orchestrator.retrieveSession(SessionName.of("x".repeat(63))));
    }

    @Test
    void aSessionIsRetrievedOnce() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        assertThat(session.name()).hasToString("vm1");
        refused(Errno.EINVAL, () -> platform.retrieve("vm1"));
        session.finish();
        refused(Errno.EINVAL, () -> platform.retrieve("vm1"));
        session.close();
        refused(Errno.ENOENT, () -> platform.retrieve("vm1"));
    }

    @Test
    void anUnknownTokenIsNotFound() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        refused(Errno.ENOENT, () -> session.retrieve(Token.of(3)));
        assertThat(platform.journal.lines()).isEmpty();
    }

    @Test
    void everyRetrievalIsANewFdOfTheSameOpenFileAndTheHandlerIsAskedOnce() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        int once = session.retrieve(A);
        int twice = session.retrieve(A);
        assertThat(once).isNotEqualTo(twice);
        assertThat(platform.fds.sameOpenFile(once, twice)).isTrue();
        int b = session.retrieve(B);
        platform.fds.close(once);
        platform.fds.close(twice);
        int again = session.retrieve(A);
        assertThat(platform.fds.name(again)).isEqualTo("a");
        assertThat(platform.journal.lines(RETRIEVE)).containsExactly("memfd.retrieve a'", "memfd.retrieve b'");
        session.close();
        platform.assertHoldsNothing(again, b);
    }

    @Test
    void filesAreRetrievedInAnyOrder() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        assertThat(platform.fds.name(session.retrieve(B))).isEqualTo("b");
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.phase())
                .containsExactly(Phase.DESERIALIZED, Phase.RETRIEVED);
        assertThat(platform.fds.name(session.retrieve(A))).isEqualTo("a");
    }

    @Test
    void aFailureIsRememberedAndTheHandlerNotCalledAgain() throws Exception {
        memfd.on(RETRIEVE, 1).fails(Errno.ENXIO);
        IncomingSession session = platform.retrieve("vm1");
        refused(Errno.ENXIO, () -> session.retrieve(A));
        refused(Errno.ENXIO, () -> session.retrieve(A));
        assertThat(platform.journal.lines(RETRIEVE)).containsExactly("memfd.retrieve a'");
        assertThat(platform.orchestrator.files().getFirst().phase()).isEqualTo(Phase.FAILED);
        platform.fds.close(session.retrieve(B));
        session.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aFileWhoseIdentityCannotBeHadIsNotRetrievedAndItsNewFdIsClosed() throws Exception {
        memfd.returningNewFds().on(IDENTITY, 1).fails(Errno.EIO);
        IncomingSession session = platform.retrieve("vm1");
        int open = platform.fds.openCount();
        refused(Errno.EIO, () -> session.retrieve(A));
        assertThat(platform.fds.openCount()).isEqualTo(open);
        refused(Errno.EIO, () -> session.retrieve(A));
        assertThat(platform.journal.count(IDENTITY)).isEqualTo(1);
        session.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aNewFdFromTheHandlerBelongsToTheOrchestrator() throws Exception {
        memfd.returningNewFds();
        IncomingSession session = platform.retrieve("vm1");
        int fd = session.retrieve(A);
        session.close();
        platform.assertHoldsNothing(fd);
    }

    @Test
    void noFdLeftIsNotRemembered() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        platform.fds.limit(platform.fds.openCount());
        refused(Errno.EMFILE, () -> session.retrieve(A));
        platform.fds.limit(100);
        int fd = session.retrieve(A);
        assertThat(platform.journal.count(RETRIEVE)).isEqualTo(1);
        session.close();
        platform.assertHoldsNothing(fd);
    }

    @Test
    void aHandlerThatIsGoneIsWaitedFor() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        platform.core.handlers().remove(memfd);
        refused(Errno.EAGAIN, () -> session.retrieve(A));
        refused(Errno.EAGAIN, session::finish);
        platform.add(memfd);
        platform.fds.close(session.retrieve(A));
        session.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aRetrievedFileIsBusyUntilItsSessionIsFinished() throws Exception {
        IncomingSession session = platform.retrieve("vm1");
        int fd = session.retrieve(A);
        OutgoingSession next = platform.session("vm1");
        refused(Errno.EBUSY, () -> next.preserve(fd, A));
        session.finish();
        next.preserve(fd, A);
        session.close();
        next.close();
        platform.assertHoldsNothing(fd);
    }

    @Test
    void whatWasWrittenBeforeTheUpdateIsThere() throws Exception {
        OutgoingSession out = platform.session("out");
        int fd = platform.open("c");
        out.preserve(fd, A);
        platform.fds.write(fd, "hello");
        platform.fds.close(fd);
        platform.retrieve("vm1").close();
        Platform third = platform.update(platform.successor("memfd"));
        int back = third.retrieve("out").retrieve(A);
        assertThat(third.fds.read(back)).isEqualTo("hello");
    }
}
