// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CAN_PRESERVE;
import static org.luo.testkit.Callback.IDENTITY;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** The order in which preserving a file is checked: EEXIST, EBADF, ENOENT, EBUSY, FLBs, handler. */
final class PreserverTest {
    private Platform platform;
    private RecordingFlb first;
    private RecordingFlb second;
    private RecordingHandler memfd;
    private OutgoingSession vm1;
    private int a;

    @BeforeEach
    void aSession() throws Exception {
        platform = Platform.serving();
        first = platform.flb("first");
        second = platform.flb("second");
        memfd = platform.add(new RecordingHandler("memfd", platform.journal, platform.fds)
                .needing("first-v1", "second-v1")
                .accepting(name -> !name.equals("null")));
        vm1 = platform.session("vm1");
        a = platform.open("a");
    }

    @Test
    void aUsedTokenExistsEvenIfTheFdIsBad() throws Exception {
        vm1.preserve(a, Token.of(1));
        platform.journal.clear();
        refused(Errno.EEXIST, () -> vm1.preserve(99, Token.of(1)));
        refused(Errno.EEXIST, () -> vm1.preserve(a, Token.of(1)));
        assertThat(platform.journal.lines()).isEmpty();
    }

    @Test
    void aBadFdIsBadEvenIfNoHandlerIsThere() throws Exception {
        platform.core.handlers().remove(memfd);
        int path = platform.fds.openPath("a");
        refused(Errno.EBADF, () -> vm1.preserve(99, Token.of(1)));
        refused(Errno.EBADF, () -> vm1.preserve(-1, Token.of(1)));
        refused(Errno.EBADF, () -> vm1.preserve(path, Token.of(1)));
    }

    @Test
    void atTheLimitOfOpenFilesNothingIsPreserved() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        platform.fds.limit(1);
        refused(Errno.EMFILE, () -> vm1.preserve(a, Token.of(1)));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.fds.limit(2);
        vm1.preserve(a, Token.of(1));
    }

    @Test
    void aFileThatNobodyTakesIsNotFoundAndEveryReasonIsNamed() throws Exception {
        platform.add(new RecordingHandler("vfio", platform.journal, platform.fds).accepting(name -> false));
        int nothing = platform.open("null");
        assertThat(refused(Errno.ENOENT, () -> vm1.preserve(nothing, Token.of(1))))
                .hasMessageContaining("vm1/0x1")
                .hasMessageContaining("memfd-v1: not one of mine; vfio-v1: not one of mine");
        assertThat(platform.journal.lines(CAN_PRESERVE, IDENTITY))
                .containsExactly("memfd.canPreserve null", "vfio.canPreserve null");
    }

    @Test
    void aPreservedFileThatNobodyTakesAnyMoreIsNotFoundRatherThanBusy() throws Exception {
        vm1.preserve(a, Token.of(1));
        platform.core.handlers().remove(memfd);
        refused(Errno.ENOENT, () -> vm1.preserve(a, Token.of(2)));
    }

    @Test
    void theFirstRegisteredHandlerThatAcceptsTakesIt() throws Exception {
        platform.handler("other");
        vm1.preserve(a, Token.of(1));
        int nothing = platform.open("null");
        vm1.preserve(nothing, Token.of(2));
        assertThat(platform.journal.lines(CAN_PRESERVE))
                .containsExactly("memfd.canPreserve a", "memfd.canPreserve null", "other.canPreserve null");
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.compatible().text())
                .containsExactly("memfd-v1", "other-v1");
    }

    @Test
    void theSameFileTwiceIsBusyThroughWhicheverFd() throws Exception {
        OutgoingSession vm2 = platform.session("vm2");
        int duplicate = platform.fds.duplicate(a);
        int reopened = platform.fds.reopen(a);
        vm1.preserve(a, Token.of(1));
        Platform.Snapshot before = platform.snapshot();
        for (OutgoingSession session : new OutgoingSession[] {vm1, vm2}) {
            for (int fd : new int[] {a, duplicate, reopened}) {
                assertThat(refused(Errno.EBUSY, () -> session.preserve(fd, Token.of(2))))
                        .hasMessageContaining("already preserved as vm1/0x1");
            }
        }
        assertThat(platform.snapshot()).isEqualTo(before);
        vm1.unpreserve(Token.of(1));
        vm2.preserve(reopened, Token.of(2));
    }

    @Test
    void theSameFileTwiceIsBusyEvenIfAnFlbIsGone() throws Exception {
        vm1.preserve(a, Token.of(1));
        platform.core.flbs().remove(second);
        refused(Errno.EBUSY, () -> vm1.preserve(a, Token.of(2)));
    }

    @Test
    void aMissingFlbIsNoDevice() throws Exception {
        platform.core.flbs().remove(second);
        Platform.Snapshot before = platform.snapshot();
        assertThat(refused(Errno.ENODEV, () -> vm1.preserve(a, Token.of(1)))).hasMessageContaining("second-v1");
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.lines(PRESERVE)).doesNotContain("memfd.preserve a");
    }

    @Test
    void anFlbThatFailsKeepsTheHandlerFromBeingCalledAndEarlierOnesAreLetGo() throws Exception {
        second.on(PRESERVE, 1).fails(Errno.ENOMEM);
        memfd.on(PRESERVE, 1).fails(Errno.ENXIO);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.ENOMEM, () -> vm1.preserve(a, Token.of(1)));
        assertThat(platform.journal.lines(PRESERVE, UNPRESERVE))
                .containsExactly("first.preserve", "second.preserve", "first.unpreserve first#1");
        assertThat(platform.snapshot()).isEqualTo(before);
        memfd.behave();
        vm1.preserve(a, Token.of(1));
    }

    @Test
    void aHandlerThatFailsHasItsFlbsLetGoInReverse() throws Exception {
        memfd.on(PRESERVE, 1).fails(Errno.ENXIO);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.ENXIO, () -> vm1.preserve(a, Token.of(1)));
        assertThat(platform.journal.lines(PRESERVE, UNPRESERVE))
                .containsExactly(
                        "first.preserve",
                        "second.preserve",
                        "memfd.preserve a",
                        "second.unpreserve second#1",
                        "first.unpreserve first#1");
        assertThat(platform.snapshot()).isEqualTo(before);
        vm1.preserve(a, Token.of(1));
        assertThat(first).hasToString("first");
    }

    @Test
    void aStateWithABadFdIsUnpreservedAgain() throws Exception {
        second.carrying(77);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EBADF, () -> vm1.preserve(a, Token.of(1)));
        assertThat(platform.journal.lines(UNPRESERVE))
                .containsExactly("second.unpreserve second#1", "first.unpreserve first#1");
        assertThat(platform.snapshot()).isEqualTo(before);
    }
}
