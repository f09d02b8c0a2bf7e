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
import org.luo.FileInfo;
import org.luo.HandlerInfo;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.PluginStatus;
import org.luo.Token;
import org.luo.pin.PinTable.Departure;
import org.luo.spi.FileIdentity;
import org.luo.spi.Verdict;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingHandler;

/** A handler takes over another's files, all or none. */
final class AdoptionTest {
    private static final Compatible V1 = Compatible.of("memfd-v1");
    private static final int FILES = 3;

    private Platform platform;
    private RecordingHandler memfd;
    private RecordingHandler newer;
    private OutgoingSession vm1;
    private OutgoingSession vm2;

    @BeforeEach
    void filesOfOneHandlerAndANewerOneBesideIt() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
        platform.handler("other");
        vm1 = platform.session("vm1", "a", "b");
        vm2 = platform.session("vm2", "c");
        newer = platform.add(recording("newer").reading("memfd-v1"));
        platform.journal.clear();
    }

    private RecordingHandler recording(String name) {
        return new RecordingHandler(name, platform.journal, platform.fds);
    }

    private HandlerInfo info(String bundle) {
        return platform.orchestrator.handlers().stream()
                .filter(info -> info.bundle().endsWith("[" + platform.bundle(bundle) + "]"))
                .findFirst()
                .orElseThrow();
    }

    private int adopt(String by) throws Exception {
        return platform.orchestrator.adopt(V1, info(by));
    }

    private List<String> handlers() {
        return platform.orchestrator.handlers().stream()
                .map(info -> info.compatible() + " " + info.bundle() + " " + info.files() + " " + info.status())
                .toList();
    }

    private static List<String> taken(String by, String format, String file) {
        String state = file + "'";
        return List.of(
                "memfd.freeze " + file,
                by + ".retrieve " + state + format,
                by + ".identity " + file,
                by + ".canFinish " + state,
                by + ".finish " + state + " retrieved",
                by + ".preserve " + file);
    }

    private static final List<String> LET_GO = List.of(
            "memfd.unfreeze c'",
            "memfd.unpreserve c'",
            "memfd.unfreeze b'",
            "memfd.unpreserve b'",
            "memfd.unfreeze a'",
            "memfd.unpreserve a'");

    private static List<String> adopted(String by, String format) {
        return Stream.of(taken(by, format, "a"), taken(by, format, "b"), taken(by, format, "c"), LET_GO)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void aNewerFormatTakesFileByFileAndOnlyThenTheOldOneLetsGo() throws Exception {
        assertThat(adopt("newer")).isEqualTo(FILES);
        assertThat(platform.journal.lines()).isEqualTo(adopted("newer", " as memfd-v1"));
        assertThat(handlers())
                .containsExactly(
                        "newer-v1 org.luo.newer [12] 3 ACTIVE",
                        "other-v1 org.luo.other [11] 0 ACTIVE",
                        "memfd-v1 org.luo.memfd [10] 0 REJECTED");
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.session() + "/" + file.token() + " " + file.compatible() + " " + file.phase())
                .containsExactly(
                        "vm1/0x1 newer-v1 PRESERVED", "vm1/0x2 newer-v1 PRESERVED", "vm2/0x1 newer-v1 PRESERVED");
    }

    @Test
    void theSameFormatFromANewVersionOfTheBundleTakesThePlace() throws Exception {
        refused(Errno.EEXIST, () -> platform.addVersion("memfd", recording("v2").writing("memfd-v1")));
        assertThat(adopt("v2")).isEqualTo(FILES);
        assertThat(platform.journal.lines()).isEqualTo(adopted("v2", ""));
        assertThat(handlers())
                .containsExactly(
                        "memfd-v1 org.luo.memfd [13] 3 ACTIVE",
                        "other-v1 org.luo.other [11] 0 ACTIVE",
                        "newer-v1 org.luo.newer [12] 0 ACTIVE",
                        "memfd-v1 org.luo.memfd [10] 0 REJECTED");
        platform.core.handlers().remove(memfd);
        vm1.close();
        vm2.close();
        assertThat(platform.journal.lines(Callback.UNPRESERVE))
                .endsWith("v2.unpreserve b", "v2.unpreserve a", "v2.unpreserve c");
        platform.assertHoldsNothing();
    }

    @Test
    void pinsMoveToTheNewBundle() throws Exception {
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("memfd"), 3));
        adopt("newer");
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("newer"), 3));
        platform.core.handlers().remove(memfd);
        vm1.close();
        vm2.close();
        platform.assertHoldsNothing();
    }

    @Test
    void anFlbThatBothNeedIsNeitherCalledNorUnpinned() throws Exception {
        Platform vfio = Platform.serving();
        vfio.flb("hugetlb");
        vfio.add(new RecordingHandler("vfio", vfio.journal, vfio.fds).needing("hugetlb-v1"));
        OutgoingSession session = vfio.session("vm1", "a");
        vfio.add(new RecordingHandler("next", vfio.journal, vfio.fds)
                .needing("hugetlb-v1")
                .reading("vfio-v1"));
        vfio.orchestrator.adopt(
                Compatible.of("vfio-v1"), vfio.orchestrator.handlers().getLast());
        assertThat(vfio.pins.pinned()).isEqualTo(Map.of(CORE, 1, vfio.bundle("next"), 1, vfio.bundle("hugetlb"), 1));
        assertThat(vfio.journal.lines())
                .filteredOn(line -> line.startsWith("hugetlb"))
                .hasSize(1);
        session.close();
        vfio.assertHoldsNothing();
    }

    @Test
    void newFilesGoToTheNewHandlerInTheOldOnesPlace() throws Exception {
        adopt("newer");
        platform.preserve(vm1, "d", 4);
        assertThat(platform.journal.lines(PRESERVE)).endsWith("newer.preserve d");
        platform.core.handlers().remove(platform.handler("third"));
        assertThat(handlers()).contains("memfd-v1 org.luo.memfd [10] 0 REJECTED");
    }

    @Test
    void theOldOneGetsItsPlaceBackWhenTheNewOneLeaves() throws Exception {
        adopt("newer");
        vm1.close();
        vm2.close();
        platform.core.handlers().remove(newer);
        assertThat(handlers())
                .containsExactly("other-v1 org.luo.other [11] 0 ACTIVE", "memfd-v1 org.luo.memfd [10] 0 ACTIVE");
    }

    @Test
    void ofThreeVersionsTheLatestThatIsThereHasThePlace() throws Exception {
        adopt("newer");
        RecordingHandler newest = platform.add(recording("newest").reading("newer-v1"));
        assertThat(platform.orchestrator.adopt(Compatible.of("newer-v1"), info("newest")))
                .isEqualTo(FILES);
        platform.core.handlers().remove(newer);
        platform.core.handlers().remove(platform.handler("third"));
        assertThat(handlers()).contains("memfd-v1 org.luo.memfd [10] 0 REJECTED");
        vm1.close();
        vm2.close();
        platform.core.handlers().remove(newest);
        assertThat(handlers()).contains("memfd-v1 org.luo.memfd [10] 0 ACTIVE");
    }

    @Test
    void anAdoptedFileGoesOverTheNextUpdate() throws Exception {
        adopt("newer");
        Platform successor = platform.update(platform.successor("newer"));
        IncomingSession session = successor.retrieve("vm1");
        int fd = session.retrieve(Token.of(1));
        assertThat(platform.fds.name(fd)).isEqualTo("a");
        assertThat(platform.journal.lines(FREEZE)).endsWith("newer.freeze a", "newer.freeze b", "newer.freeze c");
        session.close();
        successor.retrieve("vm2").close();
        successor.assertHoldsNothing(fd);
    }

    static Stream<Arguments> failures() {
        return IntStream.rangeClosed(1, FILES)
                .boxed()
                .flatMap(file -> Stream.of(FREEZE, RETRIEVE, IDENTITY, CAN_FINISH, PRESERVE)
                        .flatMap(callback -> Stream.of(MisbehavingHandlerTest.Way.values())
                                .map(way -> Arguments.of(callback, file, way))));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureAtAnyFileChangesNothing(Callback callback, int file, MisbehavingHandlerTest.Way way) throws Exception {
        Platform.Snapshot before = platform.snapshot();
        way.in((callback == FREEZE ? memfd : newer).on(callback, file));
        refused(way.errno, () -> adopt("newer"));
        assertThat(platform.snapshot()).isEqualTo(before);
        newer.behave();
        memfd.behave();
        assertThat(adopt("newer")).isEqualTo(FILES);
        vm1.close();
        vm2.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aFailureIsTakenBackLatestFirst() throws Exception {
        newer.on(PRESERVE, 2).fails(Errno.ENOMEM);
        refused(Errno.ENOMEM, () -> adopt("newer"));
        assertThat(platform.journal.lines())
                .containsExactlyElementsOf(Stream.of(
                                taken("newer", " as memfd-v1", "a"),
                                taken("newer", " as memfd-v1", "b"),
                                List.of("memfd.unfreeze b'", "newer.unpreserve a", "memfd.unfreeze a'"))
                        .flatMap(List::stream)
                        .toList());
    }

    @Test
    void aFileThatTheNewOneDoesNotLetGoOrDoesNotRecognizeStays() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        newer.on(CAN_FINISH, 2).returns(Verdict.no("in use"));
        refused(Errno.EBUSY, () -> adopt("newer"));
        newer.behave();
        newer.on(IDENTITY, 3).returns(new FileIdentity(1, 2));
        refused(Errno.EOPNOTSUPP, () -> adopt("newer"));
        newer.behave();
        newer.on(RETRIEVE, 1).returns(-1);
        refused(Errno.EIO, () -> adopt("newer"));
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void aHandlerThatMakesCopiesIsRefusedAndItsCopyIsClosed() throws Exception {
        RecordingHandler copying = platform.add(recording("copying").withoutFds());
        memfd.withoutFds();
        platform.core.handlers().remove(copying);
        platform.add(copying.reading("memfd-v1"));
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EOPNOTSUPP, () -> adopt("copying"));
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void aNewFdOfTheSameFileIsClosed() throws Exception {
        newer.returningNewFds();
        adopt("newer");
        assertThat(platform.fds.openCount()).isEqualTo(FILES);
        assertThat(platform.fds.strayCloses()).isZero();
    }

    @Test
    void whatCannotFollowIsRefusedBeforeAnythingIsCalled() throws Exception {
        platform.add(recording("flb").reading("memfd-v1").needing("hugetlb-v1"));
        refused(Errno.EEXIST, () -> platform.add(recording("stranger").writing("memfd-v1")));
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EEXIST, () -> adopt("stranger"));
        refused(Errno.ENOENT, () -> adopt("other"));
        refused(Errno.EINVAL, () -> adopt("memfd"));
        refused(Errno.ENOENT, () -> platform.orchestrator.adopt(Compatible.of("no-v1"), info("newer")));
        HandlerInfo nobody = new HandlerInfo(V1, List.of(), List.of(), "org.luo.no [99]", 0, PluginStatus.ACTIVE);
        refused(Errno.ENOENT, () -> platform.orchestrator.adopt(V1, nobody));
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.lines()).isEmpty();
        refused(Errno.ENODEV, () -> adopt("flb"));
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void notWhilePreparedOrFrozenNorFromACallback() throws Exception {
        HandlerInfo to = info("newer");
        platform.orchestrator.prepare();
        refused(Errno.EINVAL, () -> adopt("newer"));
        platform.orchestrator.freeze();
        refused(Errno.EINVAL, () -> adopt("newer"));
        platform.orchestrator.cancel();
        newer.on(PRESERVE, 1).runs(() -> refused(Errno.EDEADLK, () -> platform.orchestrator.adopt(V1, to)));
        newer.on(RETRIEVE, 1).runs(() -> refused(Errno.EDEADLK, vm1::close));
        assertThat(adopt("newer")).isEqualTo(FILES);
    }

    @Test
    void notByABundleThatIsLeaving() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        try (Departure leaving = platform.pins.leave(platform.bundle("newer"), "stop")) {
            refused(Errno.EAGAIN, () -> adopt("newer"));
            assertThat(leaving).isNotNull();
        }
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void ifTheNewServiceVanishesOnTheWayNothingHasHappened() throws Exception {
        RecordingHandler v2 = recording("v2").writing("memfd-v1");
        refused(Errno.EEXIST, () -> platform.addVersion("memfd", v2));
        v2.on(PRESERVE, 3).runs(() -> platform.core.handlers().remove(v2));
        refused(Errno.EAGAIN, () -> adopt("v2"));
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("memfd"), 3));
        newer.on(PRESERVE, 3).runs(() -> platform.core.handlers().remove(newer));
        refused(Errno.EAGAIN, () -> adopt("newer"));
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 3, platform.bundle("memfd"), 3));
        vm1.close();
        vm2.close();
        platform.assertHoldsNothing();
    }

    @Test
    void filesThatCameOverGoOnAsTheyCameUnlessTheyAreRetrieved() throws Exception {
        platform.core.handlers().remove(newer);
        platform = platform.update(platform.successor("memfd"));
        platform.add(recording("newer").reading("memfd-v1"));
        platform.journal.clear();
        IncomingSession session = platform.retrieve("vm1");
        platform.fds.close(session.retrieve(Token.of(1)));
        refused(Errno.EBUSY, () -> adopt("newer"));
        session.close();
        assertThat(adopt("newer")).isEqualTo(1);
        assertThat(platform.pins.pinned()).isEqualTo(Map.of(CORE, 1, platform.bundle("newer"), 1));
        assertThat(platform.orchestrator.files())
                .extracting(FileInfo::phase)
                .containsExactly(FileInfo.Phase.DESERIALIZED);
        IncomingSession vm2 = platform.retrieve("vm2");
        platform.fds.close(vm2.retrieve(Token.of(1)));
        vm2.close();
        assertThat(platform.journal.lines(RETRIEVE, Callback.FINISH))
                .endsWith("newer.retrieve c' as memfd-v1", "newer.finish c' retrieved");
        platform.assertHoldsNothing();
    }
}
