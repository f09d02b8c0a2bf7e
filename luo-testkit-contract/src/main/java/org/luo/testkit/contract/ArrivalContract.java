// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.linux.Fds;

/** After the update: files come back as they were, are finished once, and go on if nobody claims them. */
abstract class ArrivalContract extends FreezeContract {
    private static final int SEVERAL = 20;

    /** A successor to which one file went that tells 1 and, since it was preserved, 2. Its own fd is closed. */
    final Generation updated(Watched successors) throws Exception {
        Generation process = generation(handler()).serving();
        int fd = file(1);
        process.session("vm1").preserve(fd, ONE);
        write(fd, 2);
        close(fd);
        return process.update(generation(successors));
    }

    @Test
    void whatWasWrittenUntilTheFreezeComesBack() throws Exception {
        Generation next = updated(new Watched(handler()));
        try (IncomingSession session = next.retrieve("vm1")) {
            int back = keep(session.retrieve(ONE));
            assertTells(back, 2);
            makeFinishable(back);
        }
    }

    @Test
    void theFileIsAskedForOnceAndGivenOftenAsTheSame() throws Exception {
        Watched handler = new Watched(handler());
        Generation next = updated(handler);
        try (IncomingSession session = next.retrieve("vm1")) {
            int first = keep(session.retrieve(ONE));
            int second = keep(session.retrieve(ONE));
            assertThat(handler.takeCalls()).as("callbacks for two retrieves").containsExactly("retrieve");
            write(first, 3);
            assertTells(second, 3);
            assertThat(Fds.isCloexec(second)).as("close-on-exec").isTrue();
            makeFinishable(first);
        }
    }

    @Test
    void aRetrievedFileOutlivesItsPreservation() throws Exception {
        Watched handler = new Watched(handler());
        Generation next = updated(handler);
        assertThat(next.isPinned(HANDLER)).as("pinned before retrieve").isTrue();
        IncomingSession session = next.retrieve("vm1");
        int back = keep(session.retrieve(ONE));
        makeFinishable(back);
        session.finish();
        session.close();
        assertThat(handler.takeCalls()).containsExactly("retrieve", "finish retrieved");
        assertTells(back, 2);
        write(back, 3);
        assertTells(back, 3);
        assertThat(next.kept()).isZero();
        assertThat(next.isPinned(HANDLER)).as("pinned after finish").isFalse();
    }

    @Test
    void aFinishedFileCanBePreservedAgain() throws Exception {
        Generation next = updated(new Watched(handler()));
        int back;
        try (IncomingSession session = next.retrieve("vm1")) {
            back = keep(session.retrieve(ONE));
            makeFinishable(back);
        }
        next.session("vm1").preserve(back, TWO);
        Generation third = next.update(generation(handler()));
        try (IncomingSession session = third.retrieve("vm1")) {
            int again = keep(session.retrieve(TWO));
            assertTells(again, 2);
            makeFinishable(again);
        }
    }

    @Test
    void aFileThatNobodyRetrievesIsDisposedOf() throws Exception {
        Watched handler = new Watched(handler());
        Generation next = updated(handler);
        next.retrieve("vm1").close();
        assertThat(handler.takeCalls()).containsExactly("finish never");
        assertThat(next.kept()).isZero();
    }

    @Test
    void aFileThatNobodyClaimsGoesOnAsItCame() throws Exception {
        Watched between = new Watched(handler());
        Generation third = updated(between).update(generation(handler()));
        assertThat(between.takeCalls()).as("callbacks in between").isEmpty();
        try (IncomingSession session = third.retrieve("vm1")) {
            int back = keep(session.retrieve(ONE));
            assertTells(back, 2);
            makeFinishable(back);
        }
    }

    @Test
    void manyFilesAreNotMixedUp() throws Exception {
        Generation process = generation(handler()).serving();
        OutgoingSession session = process.session("vm1");
        for (int i = 1; i <= SEVERAL; i++) {
            int fd = file(i);
            session.preserve(fd, Token.of(i));
            close(fd);
        }
        Generation next = process.update(generation(handler()));
        try (IncomingSession incoming = next.retrieve("vm1")) {
            for (int i = SEVERAL; i > 0; i--) {
                int back = keep(incoming.retrieve(Token.of(i)));
                assertTells(back, i);
                makeFinishable(back);
            }
        }
    }

    @Test
    void aFileThatMayNotBeFinishedYetStays() throws Exception {
        Watched handler = new Watched(handler());
        Generation next = updated(handler);
        try (IncomingSession session = next.retrieve("vm1")) {
            int back = keep(session.retrieve(ONE));
            Throwable refusal = catchThrowable(session::finish);
            if (refusal != null) {
                refused("finish of a file that may not be finished", Errno.EBUSY, session::finish);
                assertThat(handler.finishable.reason()).as("why not").isNotBlank();
                assertTells(keep(session.retrieve(ONE)), 2);
                assertThat(next.isPinned(HANDLER)).isTrue();
            }
            makeFinishable(back);
            session.finish();
            assertThat(handler.takeCalls()).containsExactly("retrieve", "finish retrieved");
        }
    }
}
