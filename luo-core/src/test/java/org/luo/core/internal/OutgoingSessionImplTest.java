// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.UNPRESERVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.testkit.RecordingHandler;

/** What a client sees of an outgoing session; see {@link PreserverTest} for the order of checks and the roll-back. */
final class OutgoingSessionImplTest {
    private Platform platform;
    private RecordingHandler memfd;
    private OutgoingSession vm1;

    @BeforeEach
    void aSession() throws Exception {
        platform = Platform.serving();
        platform.flb("first");
        platform.flb("second");
        memfd = platform.add(
                new RecordingHandler("memfd", platform.journal, platform.fds).needing("first-v1", "second-v1"));
        vm1 = platform.session("vm1");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void everyTokenIsLegal(long token) throws Exception {
        platform.preserve(vm1, "a", token);
        vm1.unpreserve(Token.of(token));
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void theSameTokenMayBeUsedInAnotherSession() throws Exception {
        OutgoingSession vm2 = platform.session("vm2");
        platform.preserve(vm1, "a", 1);
        platform.preserve(vm2, "b", 1);
        assertThat(platform.orchestrator.files()).hasSize(2);
    }

    @Test
    void theFileStaysPreservedWhenTheCallerClosesItsFd() throws Exception {
        int fd = platform.open("a");
        vm1.preserve(fd, Token.of(1));
        platform.fds.close(fd);
        assertThat(platform.fds.openCount()).isEqualTo(1);
        vm1.close();
        assertThat(platform.journal.lines(UNPRESERVE)).startsWith("memfd.unpreserve a");
        platform.assertHoldsNothing();
    }

    @Test
    void fiveHundredFilesFitInOneSession() throws Exception {
        for (int i = 0; i < 500; i++) {
            platform.preserve(vm1, "f" + i, i);
        }
        assertThat(platform.orchestrator.sessions().getFirst().files()).isEqualTo(500);
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void closingUndoesInReverseWithEachFilesFlbsReversed() throws Exception {
        platform.preserve(vm1, "a", 1);
        platform.preserve(vm1, "b", 2);
        platform.preserve(vm1, "c", 3);
        platform.journal.clear();
        vm1.close();
        assertThat(platform.journal.lines())
                .containsExactly(
                        "memfd.unpreserve c",
                        "memfd.unpreserve b",
                        "memfd.unpreserve a",
                        "second.unpreserve second#1",
                        "first.unpreserve first#1");
        platform.assertHoldsNothing();
    }

    @Test
    void closingTwiceDoesNothing() throws Exception {
        platform.preserve(vm1, "a", 1);
        vm1.close();
        OutgoingSession again = platform.session("vm1");
        vm1.close();
        assertThat(platform.orchestrator.sessions()).hasSize(1);
        again.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aClosedSessionIsABadDescriptorAndKeepsItsName() throws Exception {
        vm1.close();
        int fd = platform.open("a");
        refused(Errno.EBADF, () -> vm1.preserve(fd, Token.of(1)));
        refused(Errno.EBADF, () -> vm1.unpreserve(Token.of(1)));
        assertThat(vm1.name()).hasToString("vm1");
        platform.assertHoldsNothing(fd);
    }

    @Test
    void unpreservingLetsGoOfOneFileOnly() throws Exception {
        int fd = platform.open("a");
        vm1.preserve(fd, Token.of(1));
        platform.preserve(vm1, "b", 2);
        platform.journal.clear();
        vm1.unpreserve(Token.of(1));
        assertThat(platform.journal.lines()).containsExactly("memfd.unpreserve a");
        vm1.preserve(fd, Token.of(1));
        assertThat(platform.orchestrator.files())
                .extracting(f -> f.token().value())
                .containsExactly(2L, 1L);
        vm1.close();
        platform.assertHoldsNothing(fd);
    }

    @Test
    void unpreservingAnUnknownTokenIsNotFound() throws Exception {
        platform.preserve(vm1, "a", 1);
        refused(Errno.ENOENT, () -> vm1.unpreserve(Token.of(2)));
        vm1.unpreserve(Token.of(1));
        refused(Errno.ENOENT, () -> vm1.unpreserve(Token.of(1)));
    }

    @Test
    void nothingIsUndoneWhileAHandlerIsGone() throws Exception {
        platform.preserve(vm1, "a", 1);
        platform.core.handlers().remove(memfd);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EAGAIN, vm1::close);
        refused(Errno.EAGAIN, () -> vm1.unpreserve(Token.of(1)));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.add(memfd);
        vm1.close();
        assertThat(platform.journal.lines(UNPRESERVE))
                .containsExactly("memfd.unpreserve a", "second.unpreserve second#1", "first.unpreserve first#1");
        platform.assertHoldsNothing();
    }

    @Test
    void itMayBeUsedInACallbackOfAnotherSessionButNotOfItsOwn() throws Exception {
        OutgoingSession vm2 = platform.session("vm2");
        int a = platform.open("a");
        int b = platform.open("b");
        memfd.on(org.luo.testkit.Callback.PRESERVE, 1).runs(() -> {
            refused(Errno.EDEADLK, () -> vm1.preserve(b, Token.of(2)));
            refused(Errno.EDEADLK, () -> vm1.unpreserve(Token.of(1)));
            refused(Errno.EDEADLK, vm1::close);
            vm2.preserve(b, Token.of(2));
        });
        vm1.preserve(a, Token.of(1));
        vm1.close();
        vm2.close();
        platform.assertHoldsNothing(a, b);
    }
}
