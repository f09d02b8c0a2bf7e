// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FINISH;
import static org.luo.testkit.Callback.RETRIEVE;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.Token;
import org.luo.spi.FlbReferences;
import org.luo.spi.FlbReferences.Reference;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** The incoming object of an FLB: brought back on first use, finished once with the last file. */
final class IncomingFlbTest {
    private Platform first;
    private Platform platform;
    private RecordingFlb hugetlb;
    private RecordingHandler memfd;
    private FlbReferences references;
    private int page;

    @BeforeEach
    void twoSessionsThatCameOver() throws Exception {
        first = Platform.serving();
        page = first.open("page");
        first.add(new RecordingFlb("hugetlb", first.journal).carrying(page));
        first.add(new RecordingHandler("memfd", first.journal, first.fds).needing("hugetlb-v1"));
        first.session("one", "a");
        first.session("two", "b", "c");
        platform = first.successor();
        references = platform.core.flbReferences();
        hugetlb = platform.flb("hugetlb");
        memfd = platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
        first.update(platform);
        platform.journal.clear();
    }

    private List<String> lines() {
        return platform.journal.lines().stream()
                .filter(line -> line.startsWith("hugetlb."))
                .toList();
    }

    @Test
    void itIsBroughtBackByTheFirstUseOnly() throws Exception {
        assertThat(platform.orchestrator.flbs().getFirst().incoming()).isEqualTo(3);
        assertThat(platform.journal.lines()).isEmpty();
        Reference<String> reference = references.incoming(hugetlb);
        Reference<String> second = references.incoming(hugetlb);
        assertThat(reference.get()).isEqualTo("hugetlb#1").isSameAs(second.get());
        assertThat(platform.orchestrator.flbs().getFirst().incoming()).isEqualTo(5);
        reference.close();
        second.close();
        platform.retrieve("one").close();
        platform.retrieve("two").close();
        assertThat(lines()).containsExactly("hugetlb.retrieve hugetlb#1", "hugetlb.finish hugetlb#1");
        platform.assertHoldsNothing(page);
    }

    @Test
    void ifNobodyAskedForItTheLastFinishBringsItBackAndFinishesIt() throws Exception {
        platform.retrieve("two").finish();
        assertThat(lines()).isEmpty();
        platform.retrieve("one").finish();
        assertThat(lines()).containsExactly("hugetlb.retrieve hugetlb#1", "hugetlb.finish hugetlb#1");
        refused(Errno.ENODATA, () -> references.incoming(hugetlb));
        assertThat(platform.fds.openCount()).isEqualTo(1);
    }

    @Test
    void aReferenceOutlivesTheFilesAndPinsTheBundle() throws Exception {
        Reference<String> reference = references.incoming(hugetlb);
        platform.retrieve("one").close();
        platform.retrieve("two").close();
        assertThat(lines()).containsExactly("hugetlb.retrieve hugetlb#1");
        assertThat(platform.pins.isPinned(platform.bundle("hugetlb"))).isTrue();
        assertThat(platform.fds.openCount()).isEqualTo(2);
        try (Reference<String> another = references.incoming(hugetlb)) {
            assertThat(another.get()).isEqualTo(reference.get());
        }
        reference.close();
        reference.close();
        assertThat(lines()).endsWith("hugetlb.finish hugetlb#1").hasSize(2);
        platform.assertHoldsNothing(page);
    }

    @Test
    void aReferenceThatIsPutWhileTheFlbIsGoneFinishesItAllTheSame() throws Exception {
        Reference<String> reference = references.incoming(hugetlb);
        platform.retrieve("one").close();
        platform.retrieve("two").close();
        platform.core.flbs().remove(hugetlb);
        reference.close();
        assertThat(lines()).endsWith("hugetlb.finish hugetlb#1");
        platform.assertHoldsNothing(page);
    }

    @Test
    void coldItHasNoDataAndUnknownItIsNotFound() throws Exception {
        refused(Errno.ENODATA, () -> Platform.serving().core.flbReferences().incoming(hugetlb));
        refused(Errno.ENOENT, () -> references.incoming(new RecordingFlb("stranger", platform.journal)));
    }

    @Test
    void afterAnUpdateThatCarriedNoFlbItIsNotFound() throws Exception {
        Platform other = Platform.serving();
        Platform successor = other.update(other.successor());
        refused(Errno.ENOENT, () -> successor.core.flbReferences().incoming(hugetlb));
    }

    @Test
    void aFailureIsRememberedAndItIsNeverFinished() throws Exception {
        hugetlb.on(RETRIEVE, 1).fails(Errno.EUCLEAN);
        refused(Errno.EUCLEAN, () -> references.incoming(hugetlb));
        refused(Errno.EUCLEAN, () -> references.incoming(hugetlb));
        platform.retrieve("one").close();
        platform.retrieve("two").close();
        assertThat(lines()).containsExactly("hugetlb.retrieve hugetlb#1");
        refused(Errno.ENODATA, () -> references.incoming(hugetlb));
        platform.assertHoldsNothing(page);
    }

    @Test
    void itMayBeUsedInTheHandlersCallbacksButNotInItsOwn() throws Exception {
        memfd.on(RETRIEVE, 1).runs(() -> references.incoming(hugetlb).close());
        memfd.on(FINISH, 1).runs(() -> references.incoming(hugetlb).close());
        hugetlb.on(RETRIEVE, 1).runs(() -> refused(Errno.EDEADLK, () -> references.incoming(hugetlb)));
        hugetlb.on(FINISH, 1).runs(() -> refused(Errno.EDEADLK, () -> references.incoming(hugetlb)));
        IncomingSession one = platform.retrieve("one");
        platform.fds.close(one.retrieve(Token.of(1)));
        one.close();
        platform.retrieve("two").close();
        assertThat(lines()).containsExactly("hugetlb.retrieve hugetlb#1", "hugetlb.finish hugetlb#1");
        platform.assertHoldsNothing(page);
    }

    @Test
    void ofManyFirstUsersOneBringsItBack() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hugetlb.on(RETRIEVE, 1).waits(reached, go);
        List<FutureTask<Reference<String>>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            FutureTask<Reference<String>> user = new FutureTask<>(() -> references.incoming(hugetlb));
            users.add(user);
            Thread.ofPlatform().daemon().start(user);
        }
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        go.countDown();
        for (FutureTask<Reference<String>> user : users) {
            assertThat(user.get(10, TimeUnit.SECONDS).get()).isEqualTo("hugetlb#1");
        }
        assertThat(lines()).containsExactly("hugetlb.retrieve hugetlb#1");
        assertThat(platform.orchestrator.flbs().getFirst().incoming()).isEqualTo(3 + 8);
    }

    @Test
    void whatIsBeingHandedOnCannotBeBroughtBackHere() throws Exception {
        Platform third = platform.successor("memfd");
        third.flb("hugetlb");
        FutureTask<Reference<String>> user = new FutureTask<>(() -> references.incoming(hugetlb));
        platform.update(platform.to(third).beforeDeserialize(() -> {
            Thread thread = Thread.ofPlatform().daemon().start(user);
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }));
        assertThatThrownBy(() -> user.get(10, TimeUnit.SECONDS)).rootCause().hasMessageEndingWith("[EOPNOTSUPP]");
        assertThat(lines()).containsExactly("hugetlb.retrieve hugetlb#1", "hugetlb.finish hugetlb#1");
    }

    @Test
    void oneThatNoFileNeedsHereIsFinishedWhenServingBegins() throws Exception {
        Platform other = Platform.serving();
        other.flb("hugetlb");
        other.add(new RecordingHandler("memfd", other.journal, other.fds).needing("hugetlb-v1"));
        other.session("one", "a");
        Platform successor = other.successor("memfd");
        successor.flb("hugetlb");
        other.update(other.to(successor)
                .afterDeserialize(
                        () -> assertThat(other.journal.lines(RETRIEVE, FINISH)).isEmpty()));
        assertThat(other.journal.lines(RETRIEVE, FINISH))
                .containsExactly("hugetlb.retrieve hugetlb#1", "hugetlb.finish hugetlb#1");
        successor.retrieve("one").close();
        successor.assertHoldsNothing();
    }

    @Test
    void aNewerFlbReadsAnOlderFormat() throws Exception {
        Platform successor = platform.successor("memfd");
        RecordingFlb newer = successor.add(new RecordingFlb("newer", platform.journal)
                .writing("hugetlb-v2")
                .reading("hugetlb-v1"));
        successor
                .core
                .handlers()
                .remove(successor.core.handlers().slots().getFirst().current().service());
        successor.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v2"));
        platform.update(successor);
        try (Reference<String> reference = successor.core.flbReferences().incoming(newer)) {
            assertThat(reference.get()).isEqualTo("hugetlb#1");
        }
        assertThat(platform.journal.lines(RETRIEVE)).containsExactly("newer.retrieve hugetlb#1 as hugetlb-v1");
        successor.retrieve("one").close();
        successor.retrieve("two").close();
        assertThat(platform.journal.lines(FINISH)).endsWith("newer.finish hugetlb#1");
        successor.assertHoldsNothing(page);
    }
}
