// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.luo.core.internal.Platform.CORE;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.pin.PinTable;
import org.luo.pin.PinTable.Departure;
import org.luo.pin.PinnedException;
import org.luo.testkit.RecordingHandler;

/** Which bundles a file keeps from leaving, and from when until when. */
final class PinsTest {
    private Platform platform;
    private RecordingHandler memfd;
    private OutgoingSession vm1;
    private long handler;
    private long flb;

    @BeforeEach
    void aSession() throws Exception {
        platform = Platform.serving();
        memfd = withPlugins(platform);
        vm1 = platform.session("vm1");
        handler = platform.bundle("memfd");
        flb = platform.bundle("hugetlb");
    }

    private static RecordingHandler withPlugins(Platform platform) throws Exception {
        platform.flb("hugetlb");
        platform.handler("unused").accepting(name -> false);
        return platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
    }

    @Test
    void aPreservedFilePinsItsHandlerItsFlbsAndTheCore() throws Exception {
        platform.preserve(vm1, "a", 1);
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 1, handler, 1, flb, 1));
        platform.preserve(vm1, "b", 2);
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 2, handler, 2, flb, 2));
        vm1.unpreserve(Token.of(1));
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 1, handler, 1, flb, 1));
        vm1.close();
        assertThat(platform.pins.pinned()).isEmpty();
    }

    @Test
    void aPinnedBundleIsToldWhichFilesNeedIt() throws Exception {
        platform.preserve(vm1, "a", 1);
        platform.preserve(vm1, "b", 2);
        for (long bundle : new long[] {handler, flb, CORE}) {
            assertThatThrownBy(() -> platform.pins.leave(bundle, "stop"))
                    .isInstanceOf(PinnedException.class)
                    .hasMessage("EBUSY: stop refused: 2 files preserved: vm1/0x1, vm1/0x2");
        }
        platform.pins.leave(platform.bundle("unused"), "stop").close();
    }

    @Test
    void aFileThatCameOverPinsUntilItIsFinished() throws Exception {
        platform.preserve(vm1, "a", 1);
        platform.preserve(vm1, "b", 2);
        Platform successor = platform.successor();
        withPlugins(successor);
        platform.update(platform.to(successor).afterDeserialize(() -> {
            assertThat(successor.pins.pinned()).containsValues(2, 2, 2).hasSize(3);
            assertThat(platform.pins.pinned()).hasSize(3);
        }));
        assertThat(platform.pins.pinned()).isEmpty();
        IncomingSession session = successor.retrieve("vm1");
        platform.fds.close(session.retrieve(Token.of(1)));
        assertThat(successor.pins.pinned()).hasSize(3);
        session.finish();
        assertThat(successor.pins.pinned()).isEmpty();
        session.close();
        successor.assertHoldsNothing();
    }

    @Test
    void nothingIsPreservedWithABundleThatIsLeaving() throws Exception {
        int fd = platform.open("a");
        for (long bundle : new long[] {handler, flb, CORE}) {
            Platform.Snapshot before = platform.snapshot();
            try (Departure leaving = platform.pins.leave(bundle, "stop")) {
                refused(Errno.EAGAIN, () -> vm1.preserve(fd, Token.of(1)));
                assertThat(leaving).isNotNull();
            }
            assertThat(platform.snapshot()).isEqualTo(before);
        }
        assertThat(platform.journal.lines(PRESERVE, UNPRESERVE)).isEmpty();
        vm1.preserve(fd, Token.of(1));
    }

    @Test
    void aHandlerThatIsDrainedKeepsItsFilesAndLeavesNewOnesToTheNext() throws Exception {
        int kept = platform.open("kept");
        int fd = platform.open("new");
        vm1.preserve(kept, Token.of(1));
        Platform.Snapshot before = platform.snapshot();
        for (long bundle : new long[] {handler, flb, CORE}) {
            try (PinTable.Drain drain = platform.pins.drain(bundle)) {
                assertThat(drain).isNotNull();
                refused(Errno.EAGAIN, () -> vm1.preserve(fd, Token.of(2)));
                assertThat(platform.snapshot()).isEqualTo(before);
            }
        }
        try (PinTable.Drain drain = platform.pins.drain(handler)) {
            assertThat(drain).isNotNull();
            assertThat(platform.orchestrator.check(fd))
                    .allSatisfy(verdict -> assertThat(verdict.takes()).isFalse());
            platform.handler("next");
            vm1.preserve(fd, Token.of(2));
            assertThat(platform.orchestrator.files())
                    .extracting(file -> file.compatible().text())
                    .last()
                    .isEqualTo("next-v1");
            vm1.unpreserve(Token.of(1));
            platform.pins.leave(handler, "update").close();
        }
    }

    @Test
    void norWithOneThatHasLeft() throws Exception {
        int fd = platform.open("a");
        Platform.Snapshot before = platform.snapshot();
        platform.running(bundle -> bundle != handler);
        refused(Errno.EAGAIN, () -> vm1.preserve(fd, Token.of(1)));
        platform.running(bundle -> bundle != flb);
        refused(Errno.EAGAIN, () -> vm1.preserve(fd, Token.of(1)));
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void aServiceThatLeavesJustBeforeItIsPinnedIsNotCalled() throws Exception {
        int fd = platform.open("a");
        platform.running(bundle -> {
            platform.core.handlers().remove(memfd);
            return true;
        });
        refused(Errno.EAGAIN, () -> vm1.preserve(fd, Token.of(1)));
        assertThat(platform.journal.lines(PRESERVE)).isEmpty();
        assertThat(platform.pins.pinned()).isEmpty();
        platform.running(bundle -> true);
        platform.add(memfd);
        vm1.preserve(fd, Token.of(1));
        vm1.close();
        platform.assertHoldsNothing(fd);
    }

    @Test
    void nothingArrivesWithABundleThatIsLeaving() throws Exception {
        platform.preserve(vm1, "a", 1);
        Platform successor = platform.successor();
        withPlugins(successor);
        for (String plugin : new String[] {"memfd", "hugetlb"}) {
            Platform.Snapshot before = platform.snapshot();
            try (Departure leaving = successor.pins.leave(successor.bundle(plugin), "stop")) {
                refused(Errno.EAGAIN, () -> platform.update(successor));
                assertThat(leaving).isNotNull();
            }
            assertThat(platform.snapshot()).isEqualTo(before);
            assertThat(successor.pins.pinned()).isEmpty();
        }
        platform.update(successor);
        assertThat(successor.pins.pinned()).hasSize(3);
    }
}
