// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.OutgoingSession;
import org.luo.PluginStatus;
import org.luo.Token;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.ImageReader;
import org.luo.handover.Frozen;
import org.luo.pin.PinnedException;
import org.luo.spi.FlbReferences;
import org.luo.spi.FlbReferences.Reference;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** The outgoing object of an FLB: from the first file or reference to the last. */
final class OutgoingFlbTest {
    private Platform platform;
    private RecordingFlb hugetlb;
    private RecordingHandler memfd;
    private FlbReferences references;

    @BeforeEach
    void twoHandlersShareAnFlb() throws Exception {
        platform = Platform.serving();
        references = platform.core.flbReferences();
        hugetlb = platform.flb("hugetlb");
        memfd = platform.add(new RecordingHandler("memfd", platform.journal, platform.fds)
                .needing("hugetlb-v1", "hugetlb-v1")
                .accepting(file -> !file.startsWith("v")));
        platform.add(new RecordingHandler("vfio", platform.journal, platform.fds).needing("hugetlb-v1"));
    }

    private long count() {
        return platform.orchestrator.flbs().getFirst().outgoing();
    }

    @Test
    void itLivesFromTheFirstFileToTheLastAcrossSessionsAndHandlers() throws Exception {
        OutgoingSession one = platform.session("one", "a");
        OutgoingSession two = platform.session("two", "v", "b");
        assertThat(count()).isEqualTo(3);
        one.close();
        two.unpreserve(Token.of(1));
        assertThat(count()).isEqualTo(1);
        assertThat(platform.journal.lines(PRESERVE, UNPRESERVE))
                .containsExactly(
                        "hugetlb.preserve",
                        "memfd.preserve a",
                        "vfio.preserve v",
                        "memfd.preserve b",
                        "memfd.unpreserve a",
                        "vfio.unpreserve v");
        two.close();
        assertThat(platform.journal.lines(UNPRESERVE)).endsWith("hugetlb.unpreserve hugetlb#1");
        platform.assertHoldsNothing();
        platform.session("three", "c");
        assertThat(references.outgoing(hugetlb).get()).isEqualTo("hugetlb#2");
    }

    @Test
    void withoutAFileThereIsNoObject() throws Exception {
        refused(Errno.ENOENT, () -> references.outgoing(hugetlb));
        platform.session("one", "a").close();
        refused(Errno.ENOENT, () -> references.outgoing(hugetlb));
        refused(Errno.ENOENT, () -> references.outgoing(new RecordingFlb("stranger", platform.journal)));
    }

    @Test
    void aReferenceKeepsTheObjectAndItsBundleWhenTheLastFileHasGone() throws Exception {
        OutgoingSession one = platform.session("one", "a");
        Reference<String> reference = references.outgoing(hugetlb);
        Reference<String> second = references.outgoing(hugetlb);
        assertThat(count()).isEqualTo(3);
        one.close();
        second.close();
        second.close();
        assertThat(reference.get()).isEqualTo("hugetlb#1");
        assertThat(count()).isEqualTo(1);
        assertThat(platform.journal.lines(UNPRESERVE)).containsExactly("memfd.unpreserve a");
        assertThatThrownBy(() -> platform.pins.leave(platform.bundle("hugetlb"), "stop"))
                .isInstanceOf(PinnedException.class)
                .hasMessageContaining("flb hugetlb-v1");
        reference.close();
        assertThat(platform.journal.lines(UNPRESERVE)).endsWith("hugetlb.unpreserve hugetlb#1");
        platform.assertHoldsNothing();
    }

    @Test
    void referencesAreNotCountedInTheImageAndAloneCarryNothing() throws Exception {
        OutgoingSession one = platform.session("one", "a", "v");
        try (Reference<String> reference = references.outgoing(hugetlb)) {
            assertThat(reference.get()).isNotNull();
            Frozen frozen = platform.core.outgoing().freeze();
            List<FlbRecord> flbs = ImageReader.read(frozen.image()).flbs();
            frozen.unfreeze();
            assertThat(flbs).extracting(FlbRecord::count).containsExactly(2L);
            one.close();
            Frozen without = platform.core.outgoing().freeze();
            assertThat(ImageReader.read(without.image()).flbs()).isEmpty();
            without.unfreeze();
            assertThat(platform.core.outgoing().needs()).isEmpty();
        }
    }

    @Test
    void itMayBeUsedInCallbacksButNotInItsOwn() throws Exception {
        RecordingFlb iommu = platform.flb("iommu");
        platform.add(new RecordingHandler("kvm", platform.journal, platform.fds).needing("hugetlb-v1", "iommu-v1"));
        iommu.on(PRESERVE, 1).runs(() -> references.outgoing(hugetlb).close());
        memfd.on(PRESERVE, 1).runs(() -> references.outgoing(hugetlb).close());
        memfd.on(FREEZE, 1).runs(() -> references.outgoing(hugetlb).close());
        memfd.on(UNPRESERVE, 1).runs(() -> references.outgoing(hugetlb).close());
        hugetlb.on(PRESERVE, 1).runs(() -> refused(Errno.EDEADLK, () -> references.outgoing(hugetlb)));
        hugetlb.on(UNPRESERVE, 1).runs(() -> refused(Errno.EDEADLK, () -> references.outgoing(hugetlb)));
        OutgoingSession one = platform.session("one", "a");
        platform.core.outgoing().freeze().unfreeze();
        one.close();
        assertThat(platform.journal.lines(UNPRESERVE)).hasSize(2);
        platform.assertHoldsNothing();
    }

    @Test
    void nobodyWaitsForOneThatLeavesAfterItHasGoneOver() throws Exception {
        platform.session("one", "a");
        Reference<String> reference = references.outgoing(hugetlb);
        Platform between = sharing(platform.successor());
        RecordingFlb second = between.flb("hugetlb");
        platform.update(between);
        platform.core.flbs().remove(hugetlb);
        assertThat(platform.core.flbs().hasOrphans()).isFalse();
        reference.close();
        assertThat(platform.journal.lines(UNPRESERVE)).isEmpty();
        Platform last = sharing(between.successor());
        last.flb("hugetlb");
        between.update(last);
        assertThat(last.orchestrator.flbs().getFirst().incoming()).isEqualTo(1);
        between.core.flbs().remove(second);
        assertThat(between.core.flbs().hasOrphans()).isFalse();
    }

    private static Platform sharing(Platform successor) throws Exception {
        successor.add(new RecordingHandler("memfd", successor.journal, successor.fds).needing("hugetlb-v1"));
        return successor;
    }

    @Test
    void oneThatIsGoneIsWaitedFor() throws Exception {
        OutgoingSession one = platform.session("one", "a");
        platform.core.flbs().remove(hugetlb);
        assertThat(platform.orchestrator.flbs())
                .extracting(info -> info.status())
                .containsExactly(PluginStatus.ORPHANED);
        OutgoingSession two = platform.session("two");
        refused(Errno.ENODEV, () -> platform.preserve(two, "b", 1));
        refused(Errno.EAGAIN, one::close);
        refused(Errno.EAGAIN, () -> platform.core.outgoing().freeze());
        assertThat(platform.journal.lines(FREEZE)).isEmpty();
        platform.add(hugetlb);
        one.close();
        two.close();
        platform.assertHoldsNothing();
    }

    @Test
    void whoHasHandedOverOrStandsByHasNoReferences() throws Exception {
        platform.session("one", "a");
        Reference<String> reference = references.outgoing(hugetlb);
        Platform successor = platform.successor("memfd", "vfio");
        successor.flb("hugetlb");
        refused(Errno.EOPNOTSUPP, () -> successor.core.flbReferences().outgoing(hugetlb));
        refused(Errno.EOPNOTSUPP, () -> successor.core.flbReferences().incoming(hugetlb));
        platform.update(successor);
        refused(Errno.EOPNOTSUPP, () -> references.outgoing(hugetlb));
        refused(Errno.EOPNOTSUPP, () -> references.incoming(hugetlb));
        reference.close();
        assertThat(platform.journal.lines(UNPRESERVE)).isEmpty();
        assertThat(platform.pins.pinned()).isEmpty();
    }

    @Test
    void anFlbThatPreservesNothingIsAnErrorAndTakenBack() throws Exception {
        OutgoingSession one = platform.session("one");
        for (Object odd : new Object[] {null, new org.luo.spi.Flb.Preserved<>(null, null)}) {
            hugetlb.on(PRESERVE, 1).returns(odd);
            refused(Errno.EIO, () -> platform.preserve(one, "a", 1));
            assertThat(count()).isZero();
            assertThat(platform.fds.openCount()).isZero();
        }
        platform.preserve(one, "a", 1);
        one.close();
        platform.assertHoldsNothing();
    }
}
