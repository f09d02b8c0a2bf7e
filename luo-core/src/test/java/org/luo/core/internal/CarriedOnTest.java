// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.RETRIEVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.Token;
import org.luo.spi.FlbReferences.Reference;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** Incoming sessions that nobody has claimed go on into the next live update, as they came. */
final class CarriedOnTest {
    private Platform platform;
    private RecordingHandler memfd;
    private RecordingFlb hugetlb;

    @BeforeEach
    void twoSessionsThatCameOver() throws Exception {
        Platform first = Platform.serving();
        withPlugins(first);
        first.session("one", "a", "b");
        first.session("two", "c");
        platform = first.successor();
        memfd = withPlugins(platform);
        first.update(platform);
        platform.journal.clear();
    }

    private RecordingHandler withPlugins(Platform platform) throws Exception {
        hugetlb = platform.flb("hugetlb");
        return platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
    }

    private Platform next() throws Exception {
        Platform next = platform.successor();
        withPlugins(next);
        return next;
    }

    @Test
    void theyAreThereThreeUpdatesLater() throws Exception {
        Platform last = platform;
        for (int i = 0; i < 3; i++) {
            Platform next = last.successor();
            withPlugins(next);
            last = last.update(next);
        }
        assertThat(last.orchestrator.liveUpdates()).isEqualTo(4);
        assertThat(platform.journal.lines()).isEmpty();
        assertThat(platform.fds.openCount()).isEqualTo(3);
        IncomingSession one = last.retrieve("one");
        int fd = one.retrieve(Token.of(2));
        assertThat(platform.fds.name(fd)).isEqualTo("b");
        platform.fds.close(fd);
        one.close();
        last.retrieve("two").close();
        last.assertHoldsNothing();
    }

    @Test
    void theyComeAfterTheOutgoingOnesAndTheFlbIsNotBoth() throws Exception {
        refused(Errno.EBUSY, () -> {
            platform.session("three", "d");
            platform.update(next());
        });
        assertThat(platform.journal.lines()).contains("memfd.unfreeze d'");
        platform.retrieve("one").close();
        platform.retrieve("two").close();
        Platform next = platform.update(next());
        assertThat(next.orchestrator.sessions())
                .extracting(info -> info.name().toString())
                .containsExactly("three");
    }

    @Test
    void aClaimedOneRefusesTheUpdateByNameUntilItIsFinished() throws Exception {
        IncomingSession one = platform.retrieve("one");
        assertThat(refused(Errno.EBUSY, () -> platform.update(next()))).hasMessageContaining("'one'");
        assertThat(platform.journal.count(FREEZE)).isZero();
        one.finish();
        Platform next = platform.update(next());
        assertThat(next.orchestrator.sessions())
                .extracting(info -> info.name().toString())
                .containsExactly("two");
    }

    @Test
    void oneThatWasRetrievedAndCouldNotBeClosedRefusesTheUpdateToo() throws Exception {
        IncomingSession one = platform.retrieve("one");
        platform.fds.close(one.retrieve(Token.of(1)));
        memfd.refuseFinish("b");
        refused(Errno.EBUSY, one::close);
        assertThat(refused(Errno.EBUSY, () -> platform.update(next()))).hasMessageContaining("'one'");
        memfd.refuseFinish();
        platform.retrieve("one").close();
        platform.update(next());
    }

    @Test
    void oneThatOnlyFailedToComeBackGetsAnotherChanceInTheNextProcess() throws Exception {
        IncomingSession one = platform.retrieve("one");
        memfd.on(RETRIEVE, 1).fails(Errno.ENOMEM);
        memfd.refuseFinish("b");
        refused(Errno.ENOMEM, () -> one.retrieve(Token.of(1)));
        refused(Errno.EBUSY, one::close);
        Platform next = platform.update(next());
        assertThat(platform.fds.name(next.retrieve("one").retrieve(Token.of(1))))
                .isEqualTo("a");
    }

    @Test
    void anOutgoingOneOfTheSameNameRefusesTheUpdateByName() throws Exception {
        platform.session("one");
        assertThat(refused(Errno.EEXIST, () -> platform.update(next()))).hasMessageContaining("'one'");
        platform.retrieve("one").close();
        Platform next = platform.update(next());
        assertThat(next.orchestrator.sessions()).hasSize(2);
    }

    @Test
    void anFlbThatIsInUseHereCannotBeCarriedOn() throws Exception {
        hugetlb =
                (RecordingFlb) platform.core.flbs().slots().getFirst().current().service();
        try (Reference<String> reference = platform.core.flbReferences().incoming(hugetlb)) {
            assertThat(refused(Errno.EBUSY, () -> platform.update(next())))
                    .hasMessageContaining(reference.get().replace("#1", "-v1"));
        }
        refused(Errno.EBUSY, () -> platform.update(next()));
        platform.retrieve("one").close();
        platform.retrieve("two").close();
        platform.update(next());
    }

    @Test
    void theyNeedNoHandlerHereToBeCarriedOn() throws Exception {
        platform.core.handlers().remove(memfd);
        Platform next = platform.update(next());
        int fd = next.retrieve("two").retrieve(Token.of(1));
        assertThat(platform.fds.name(fd)).isEqualTo("c");
    }

    @Test
    void whatTheyNeedIsAskedOfTheSuccessorInTheFormatTheyCameIn() throws Exception {
        Platform newer = platform.successor();
        newer.add(new RecordingFlb("hugetlb2", platform.journal)
                .writing("hugetlb-v2")
                .reading("hugetlb-v1"));
        newer.add(new RecordingHandler("memfd2", platform.journal, platform.fds)
                .writing("memfd-v2")
                .reading("memfd-v1")
                .needing("hugetlb-v2"));
        platform.update(newer);
        assertThat(newer.core.outgoing().needs())
                .containsOnlyKeys(Compatible.of("memfd-v1"), Compatible.of("hugetlb-v1"));
        newer.update(next());
    }
}
