// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.CORE;
import static org.luo.core.internal.Platform.refused;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingHandler;

/** A handler that comes takes over what one that has left can't let go any more. */
final class OrphanAdoptionTest {
    private Platform platform;
    private OutgoingSession vm1;
    private RecordingHandler memfd;

    @BeforeEach
    void orphans() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
        vm1 = platform.session("vm1", "a", "b");
        platform.core.handlers().remove(memfd);
        platform.journal.clear();
    }

    private RecordingHandler reading(String name) {
        return new RecordingHandler(name, platform.journal, platform.fds).reading("memfd-v1");
    }

    private List<String> handlers() {
        return platform.orchestrator.handlers().stream()
                .map(info -> info.compatible() + " " + info.files() + " " + info.status())
                .toList();
    }

    @Test
    void oneThatReadsThemTakesThemWithTheirLatestState() throws Exception {
        platform.add(reading("newer"));
        assertThat(platform.journal.lines())
                .containsExactly(
                        "newer.retrieve a as memfd-v1",
                        "newer.identity a",
                        "newer.canFinish a",
                        "newer.finish a retrieved",
                        "newer.preserve a",
                        "newer.retrieve b as memfd-v1",
                        "newer.identity b",
                        "newer.canFinish b",
                        "newer.finish b retrieved",
                        "newer.preserve b");
        assertThat(handlers()).containsExactly("newer-v1 2 ACTIVE");
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 2, platform.bundle("newer"), 2));
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void ifItFailsTheyWaitOnForTheNextOne() throws Exception {
        RecordingHandler failing = reading("failing");
        failing.on(Callback.PRESERVE, 2).fails(Errno.ENOMEM);
        platform.add(failing);
        assertThat(handlers()).containsExactly("memfd-v1 2 ORPHANED", "failing-v1 0 ACTIVE");
        refused(Errno.EAGAIN, vm1::close);
        platform.add(memfd);
        assertThat(handlers()).containsExactly("memfd-v1 2 ACTIVE", "failing-v1 0 ACTIVE");
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void theSameFormatFromAnotherBundleIsPinnedInstead() throws Exception {
        platform.addVersion("memfd", new RecordingHandler("v2", platform.journal, platform.fds).writing("memfd-v1"));
        assertThat(platform.journal.lines()).isEmpty();
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 2, platform.bundle("v2"), 2));
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void oneThatNeedsAnFlbHasItPreservedOnceItIsThere() throws Exception {
        platform.add(reading("newer").needing("hugetlb-v1"));
        assertThat(handlers()).containsExactly("memfd-v1 2 ORPHANED", "newer-v1 0 ACTIVE");
        platform.flb("hugetlb");
        assertThat(handlers()).containsExactly("newer-v1 2 ACTIVE");
        assertThat(platform.orchestrator.flbs())
                .singleElement()
                .satisfies(flb -> assertThat(flb.outgoing()).isEqualTo(2));
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void whileFrozenTheyWaitForTheThaw() throws Exception {
        platform.add(memfd);
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        platform.core.handlers().remove(memfd);
        platform.add(reading("newer"));
        assertThat(handlers()).containsExactly("memfd-v1 2 ORPHANED", "newer-v1 0 ACTIVE");
        platform.orchestrator.cancel();
        assertThat(handlers()).containsExactly("newer-v1 2 ACTIVE");
    }

    @Test
    void whatCameOverAndWasRetrievedIsFinishedByTheNewOne() throws Exception {
        platform.add(memfd);
        Platform successor = platform.successor();
        RecordingHandler there = successor.handler("memfd");
        platform.update(successor);
        var session = successor.retrieve("vm1");
        successor.fds.close(session.retrieve(Token.of(1)));
        successor.core.handlers().remove(there);
        refused(Errno.EAGAIN, session::finish);
        platform.journal.clear();
        successor.add(reading("newer"));
        assertThat(platform.journal.lines()).isEmpty();
        session.close();
        assertThat(platform.journal.lines(Callback.FINISH))
                .containsExactly("newer.finish b' never", "newer.finish a' retrieved");
        successor.assertHoldsNothing();
    }
}
