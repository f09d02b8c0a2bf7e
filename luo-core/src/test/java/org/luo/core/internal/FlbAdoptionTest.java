// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.CORE;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CAN_FINISH;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.IDENTITY;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.HandlerInfo;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.spi.FlbReferences.Reference;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** A bundle's handlers and FLBs are followed by those of its next version, all of them or none. */
final class FlbAdoptionTest {
    private Platform platform;
    private RecordingFlb pool;
    private RecordingHandler vfio;
    private RecordingHandler iommu;
    private OutgoingSession vm1;
    private OutgoingSession vm2;

    @BeforeEach
    void twoHandlersThatShareAnFlb() throws Exception {
        platform = Platform.serving();
        pool = platform.addTo("vendor1", flb("pool").writing("pool-v1"));
        vfio = platform.addTo("vendor1", vfio("vfio"));
        iommu = platform.addTo("vendor1", iommu("iommu"));
        vm1 = platform.session("vm1", "v1", "i1");
        vm2 = platform.session("vm2", "v2");
        platform.journal.clear();
    }

    private RecordingFlb flb(String name) {
        return new RecordingFlb(name, platform.journal);
    }

    private RecordingHandler handler(String name) {
        return new RecordingHandler(name, platform.journal, platform.fds);
    }

    private RecordingHandler vfio(String name) {
        return handler(name).writing("vfio-v1").needing("pool-v1").accepting(file -> file.startsWith("v"));
    }

    private RecordingHandler iommu(String name) {
        return handler(name).writing("iommu-v1").needing("pool-v1").accepting(file -> file.startsWith("i"));
    }

    private RecordingFlb newPool;
    private RecordingHandler newVfio;
    private RecordingHandler newIommu;

    private void nextVersion() throws Exception {
        newPool = flb("pool2").writing("pool-v1");
        newVfio = vfio("vfio2");
        newIommu = iommu("iommu2");
        refused(Errno.EEXIST, () -> platform.addTo("vendor2", newPool));
        refused(Errno.EEXIST, () -> platform.addTo("vendor2", newVfio));
        refused(Errno.EEXIST, () -> platform.addTo("vendor2", newIommu));
    }

    private int adopt(String from, String to) throws Exception {
        return platform.orchestrator.adoptBundle(
                platform.vendor(from).name(), platform.vendor(to).name());
    }

    private List<String> flbs() {
        return platform.orchestrator.flbs().stream()
                .map(info -> info.compatible() + " " + info.bundle() + " " + info.outgoing() + "/" + info.incoming()
                        + " " + info.status())
                .toList();
    }

    private void closeAll() throws Exception {
        vm1.close();
        vm2.close();
        platform.assertHoldsNothing();
    }

    @Test
    void theNewObjectComesFirstAndTheOldOneGoesLast() throws Exception {
        nextVersion();
        assertThat(adopt("vendor1", "vendor2")).isEqualTo(3);
        assertThat(platform.journal.lines())
                .startsWith("pool2.retrieve pool#1", "pool2.preserve", "vfio.freeze v1", "vfio2.retrieve v1'")
                .containsSubsequence(
                        "vfio2.preserve v2", "pool2.finish pool#1", "vfio.unpreserve v2'", "iommu.unpreserve i1'")
                .endsWith("vfio.unpreserve v1'", "pool.unpreserve pool#1");
        assertThat(flbs())
                .containsExactly("pool-v1 org.vendor [11] 3/0 ACTIVE", "pool-v1 org.vendor [10] 0/0 REJECTED");
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("vendor2"), 3));
        closeAll();
        assertThat(platform.journal.lines(UNPRESERVE)).endsWith("vfio2.unpreserve v2", "pool2.unpreserve pool2#1");
    }

    @Test
    void whatTheNewObjectSaysGoesOverTheNextUpdate() throws Exception {
        nextVersion();
        adopt("vendor1", "vendor2");
        Platform next = platform.successor();
        next.addTo("vendor3", new RecordingFlb("pool3", platform.journal).writing("pool-v1"));
        next.addTo("vendor3", vfio("vfio3"));
        next.addTo("vendor3", iommu("iommu3"));
        platform.update(next);
        next.retrieve("vm1").close();
        next.retrieve("vm2").close();
        assertThat(platform.journal.lines(RETRIEVE)).endsWith("pool3.retrieve pool2#1");
        next.assertHoldsNothing();
    }

    static Stream<Arguments> failures() {
        Stream<Arguments> ofFlb = Stream.of(RETRIEVE, PRESERVE).flatMap(c -> ways("pool2", c, 1));
        Stream<Arguments> ofFiles = Stream.of(FREEZE, RETRIEVE, IDENTITY, CAN_FINISH, PRESERVE)
                .flatMap(c -> IntStream.rangeClosed(1, 2).boxed().flatMap(n -> ways("vfio2", c, n)));
        return Stream.concat(ofFlb, Stream.concat(ofFiles, Stream.of(PRESERVE).flatMap(c -> ways("iommu2", c, 1))));
    }

    private static Stream<Arguments> ways(String who, Callback callback, int call) {
        return Stream.of(MisbehavingHandlerTest.Way.values()).map(way -> Arguments.of(who, callback, call, way));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureAnywhereChangesNothing(String who, Callback callback, int call, MisbehavingHandlerTest.Way way)
            throws Exception {
        nextVersion();
        Platform.Snapshot before = platform.snapshot();
        switch (who) {
            case "pool2" -> way.in(newPool.on(callback, call));
            case "iommu2" -> way.in(newIommu.on(callback, call));
            default -> way.in((callback == FREEZE ? vfio : newVfio).on(callback, call));
        }
        refused(way.errno, () -> adopt("vendor1", "vendor2"));
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.lines()).noneMatch(line -> line.startsWith("pool.unpreserve"));
        newPool.behave();
        newVfio.behave();
        newIommu.behave();
        vfio.behave();
        assertThat(adopt("vendor1", "vendor2")).isEqualTo(3);
        closeAll();
    }

    @Test
    void aFailureIsTakenBackLatestFirstUpToTheNewObject() throws Exception {
        nextVersion();
        newVfio.on(PRESERVE, 2).fails(Errno.ENOMEM);
        refused(Errno.ENOMEM, () -> adopt("vendor1", "vendor2"));
        assertThat(platform.journal.lines())
                .endsWith(
                        "vfio.unfreeze v2'",
                        "iommu2.unpreserve i1",
                        "iommu.unfreeze i1'",
                        "vfio2.unpreserve v1",
                        "vfio.unfreeze v1'",
                        "pool2.unpreserve pool2#1",
                        "pool2.finish pool#1");
    }

    @Test
    void eachSidesCallbacksFindTheirOwnObject() throws Exception {
        nextVersion();
        List<String> found = new ArrayList<>();
        vfio.on(FREEZE, 1).runs(() -> found.add("freeze " + outgoing(pool)));
        newVfio.on(RETRIEVE, 1).runs(() -> found.add("retrieve " + incoming(newPool)));
        newVfio.on(PRESERVE, 1).runs(() -> found.add("preserve " + outgoing(newPool)));
        vfio.on(UNPRESERVE, 1).runs(() -> found.add("unpreserve " + outgoing(pool)));
        adopt("vendor1", "vendor2");
        assertThat(found).containsExactly("freeze pool#1", "retrieve pool#1", "preserve pool2#1", "unpreserve pool#1");
        closeAll();
    }

    private String outgoing(RecordingFlb flb) throws LuoException {
        try (Reference<String> reference = platform.core.flbReferences().outgoing(flb)) {
            return reference.get();
        }
    }

    private String incoming(RecordingFlb flb) throws LuoException {
        try (Reference<String> reference = platform.core.flbReferences().incoming(flb)) {
            return reference.get();
        }
    }

    @Test
    void anFlbAloneIsFollowedUnderTheFilesOfOthersAndItsPinsMove() throws Exception {
        RecordingFlb other = platform.addTo("shared1", flb("map").writing("map-v1"));
        platform.add(handler("plain").needing("map-v1"));
        OutgoingSession vm3 = platform.session("vm3", "a", "b");
        RecordingFlb next = flb("map2").writing("map-v1");
        refused(Errno.EEXIST, () -> platform.addTo("shared2", next));
        platform.journal.clear();
        try (Reference<String> used = platform.core.flbReferences().outgoing(other)) {
            assertThat(used.get()).isEqualTo("map#1");
            refused(Errno.EBUSY, () -> adopt("shared1", "shared2"));
        }
        assertThat(adopt("shared1", "shared2")).isEqualTo(2);
        assertThat(platform.journal.lines())
                .containsExactly("map2.retrieve map#1", "map2.preserve", "map2.finish map#1", "map.unpreserve map#1");
        assertThat(platform.pins.pinned())
                .containsEntry(platform.bundle("shared2"), 2)
                .containsEntry(platform.bundle("plain"), 2)
                .doesNotContainKey(platform.bundle("shared1"));
        assertThat(outgoing(next)).isEqualTo("map2#1");
        vm3.close();
        closeAll();
    }

    @Test
    void acrossTwoStringsTheFlbThatReadsTheOtherFollowsIt() throws Exception {
        platform.addTo("vendor2", flb("pond").reading("pool-v1"));
        platform.addTo(
                "vendor2", handler("devices").reading("vfio-v1", "iommu-v1").needing("pond-v1"));
        assertThat(adopt("vendor1", "vendor2")).isEqualTo(3);
        assertThat(platform.journal.lines())
                .startsWith("pond.retrieve pool#1 as pool-v1", "pond.preserve")
                .endsWith("pool.unpreserve pool#1");
        assertThat(flbs())
                .containsExactly("pond-v1 org.vendor [11] 3/0 ACTIVE", "pool-v1 org.vendor [10] 0/0 REJECTED");
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.compatible().text())
                .containsOnly("devices-v1");
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("vendor2"), 3));
        closeAll();
    }

    @Test
    void oneHandlerAloneTakesItsOwnFlbAlongOrANewOne() throws Exception {
        vm1.unpreserve(Token.of(2));
        platform.addTo("vendor2", flb("pond").reading("pool-v1"));
        platform.addTo("vendor2", flb("fresh"));
        platform.addTo("vendor2", handler("devices").reading("vfio-v1").needing("fresh-v1", "pond-v1"));
        HandlerInfo to = platform.orchestrator.handlers().getLast();
        platform.journal.clear();
        assertThat(platform.orchestrator.adopt(Compatible.of("vfio-v1"), to)).isEqualTo(2);
        assertThat(platform.journal.lines())
                .startsWith("pond.retrieve pool#1 as pool-v1", "pond.preserve")
                .containsSubsequence("devices.finish v1' retrieved", "fresh.preserve", "devices.preserve v1")
                .endsWith("pool.unpreserve pool#1");
        assertThat(flbs()).contains("fresh-v1 org.vendor [11] 2/0 ACTIVE", "pond-v1 org.vendor [11] 2/0 ACTIVE");
        closeAll();
    }

    @Test
    void anFlbThatIsNotNeededAnyMoreIsLetGoAndOneThatOthersNeedStays() throws Exception {
        platform.addTo("vendor2", handler("plain").reading("vfio-v1"));
        HandlerInfo to = platform.orchestrator.handlers().getLast();
        platform.orchestrator.adopt(Compatible.of("vfio-v1"), to);
        assertThat(flbs()).containsExactly("pool-v1 org.vendor [10] 1/0 ACTIVE");
        assertThat(platform.pins.pinned())
                .isEqualTo(Map.of(CORE, 3, platform.bundle("vendor2"), 2, platform.bundle("vendor1"), 1));
        closeAll();
    }

    @Test
    void whatNothingReadsIsNamed() throws Exception {
        platform.addTo("vendor2", handler("devices").reading("vfio-v1"));
        Platform.Snapshot before = platform.snapshot();
        assertThat(refused(Errno.ENOENT, () -> adopt("vendor1", "vendor2")))
                .hasMessageContaining(
                        "nothing of org.vendor [11] reads handler iommu-v1 (1 in use), FLB pool-v1 (1 in use)");
        refused(Errno.ENOENT, () -> platform.orchestrator.adoptBundle("org.no [99]", "org.vendor [11]"));
        refused(Errno.EINVAL, () -> adopt("vendor1", "vendor1"));
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.lines()).isEmpty();
    }

    @Test
    void backAgainIfTheFirstOneReadsIt() throws Exception {
        nextVersion();
        adopt("vendor1", "vendor2");
        assertThat(adopt("vendor2", "vendor1")).isEqualTo(3);
        assertThat(flbs())
                .containsExactly("pool-v1 org.vendor [10] 3/0 ACTIVE", "pool-v1 org.vendor [11] 0/0 REJECTED");
        closeAll();
    }

    @Test
    void whatCameOverGoesOnWithTheNewOneUnlessItIsInUse() throws Exception {
        Platform old = platform;
        platform = platform.successor();
        pool = platform.addTo("vendor1", flb("pool").writing("pool-v1"));
        platform.addTo("vendor1", vfio("vfio"));
        platform.addTo("vendor1", iommu("iommu"));
        old.update(platform);
        nextVersion();
        platform.journal.clear();
        try (Reference<String> used = platform.core.flbReferences().incoming(pool)) {
            assertThat(used.get()).isEqualTo("pool#1");
            refused(Errno.EBUSY, () -> adopt("vendor1", "vendor2"));
        }
        refused(Errno.EBUSY, () -> adopt("vendor1", "vendor2")); // it is retrieved, and its state may be out of date
        IncomingSession session = platform.retrieve("vm1");
        session.close();
        platform.retrieve("vm2").close();
        platform.assertHoldsNothing();
    }

    @Test
    void whatCameOverAndNobodyLookedAtIsFinishedByTheNewOne() throws Exception {
        Platform old = platform;
        platform = platform.successor();
        platform.addTo("vendor1", flb("pool").writing("pool-v1"));
        platform.addTo("vendor1", vfio("vfio"));
        platform.addTo("vendor1", iommu("iommu"));
        old.update(platform);
        nextVersion();
        assertThat(adopt("vendor1", "vendor2")).isEqualTo(3);
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("vendor2"), 3));
        platform.retrieve("vm1").close();
        platform.retrieve("vm2").close();
        assertThat(platform.journal.lines()).endsWith("pool2.retrieve pool#1", "pool2.finish pool#1");
        platform.assertHoldsNothing();
    }

    @Test
    void anOrphanedFlbIsMadeAnewByAnotherBundlesAndItsPinsMove() throws Exception {
        platform.core.flbs().remove(pool);
        assertThat(refused(Errno.EAGAIN, () -> platform.orchestrator.prepare())).hasMessageContaining("vm1/0x1");
        refused(Errno.EAGAIN, vm1::close);
        refused(Errno.EAGAIN, () -> vm1.unpreserve(Token.of(1)));
        platform.addTo("vendor2", flb("pool2").writing("pool-v1"));
        assertThat(platform.journal.lines())
                .containsExactly("pool2.retrieve pool#1", "pool2.preserve", "pool2.finish pool#1");
        assertThat(platform.pins.pinned())
                .isEqualTo(Map.of(CORE, 3, platform.bundle("vendor1"), 3, platform.bundle("vendor2"), 3));
        closeAll();
        assertThat(platform.journal.lines(UNPRESERVE)).endsWith("pool2.unpreserve pool2#1");
    }

    @Test
    void anOrphanedFlbGoesToOneThatReadsItAndTheNextUpdateCarriesThat() throws Exception {
        platform.core.flbs().remove(pool);
        platform.addTo("vendor2", flb("pond").reading("pool-v1"));
        assertThat(platform.journal.lines())
                .containsExactly("pond.retrieve pool#1 as pool-v1", "pond.preserve", "pond.finish pool#1");
        platform.preserve(vm1, "v3", 3);
        assertThat(flbs()).containsExactly("pond-v1 org.vendor [11] 4/0 ACTIVE");
        Platform next = platform.successor();
        next.addTo("vendor2", new RecordingFlb("pond", platform.journal).reading("pool-v1"));
        next.addTo("vendor1", vfio("vfio"));
        next.addTo("vendor1", iommu("iommu"));
        platform.update(next);
        assertThat(next.orchestrator.flbs()).extracting(flb -> flb.incoming()).containsExactly(4L);
        next.retrieve("vm1").close();
        next.retrieve("vm2").close();
        assertThat(platform.journal.lines()).endsWith("pond.retrieve pond#1", "pond.finish pond#1");
        next.assertHoldsNothing();
    }

    @Test
    void anOrphanedFlbThatCannotBeMadeAnewKeepsItsObjectAndThePinsMoveAllTheSame() throws Exception {
        platform.core.flbs().remove(pool);
        RecordingFlb next = flb("pool2").writing("pool-v1");
        next.on(RETRIEVE).fails(Errno.EIO);
        platform.addTo("vendor2", next);
        assertThat(platform.pins.pinned())
                .isEqualTo(Map.of(CORE, 3, platform.bundle("vendor1"), 3, platform.bundle("vendor2"), 3));
        closeAll();
        assertThat(platform.journal.lines(UNPRESERVE)).endsWith("pool2.unpreserve pool#1");
    }

    @Test
    void aVanishedHandlerAndItsFlbComeBackInAnotherBundle() throws Exception {
        platform.core.flbs().remove(pool);
        platform.core.handlers().remove(vfio);
        platform.core.handlers().remove(iommu);
        platform.addTo("vendor2", vfio("vfio2"));
        platform.addTo("vendor2", iommu("iommu2"));
        platform.addTo("vendor2", flb("pool2").writing("pool-v1"));
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("vendor2"), 3));
        closeAll();
    }
}
