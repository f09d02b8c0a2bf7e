// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CLOSE;
import static org.luo.testkit.Callback.FINISH;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.OPEN;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNFREEZE;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.PluginState;
import org.luo.testkit.InMemoryHandover;
import org.luo.testkit.RecordingDoor;
import org.luo.testkit.RecordingHandler;

/** The incoming side: everything arrives, or nothing does and the predecessor goes on. */
final class ArrivalTest {
    private Platform platform;
    private Platform successor;
    private RecordingHandler memfd;
    private Platform.Snapshot before;

    @BeforeEach
    void twoSessions() throws Exception {
        platform = Platform.serving();
        platform.flb("hugetlb");
        memfd = platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
        platform.handler("vfio");
        platform.session("one", "a", "b");
        platform.session("two", "c");
        successor = platform.successor("memfd", "vfio");
        successor.flb("hugetlb");
        before = platform.snapshot();
    }

    private void refusedWhole(Errno errno, InMemoryHandover handover) {
        refused(errno, () -> platform.update(handover));
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.count(UNFREEZE)).isEqualTo(platform.journal.count(FREEZE));
        assertThat(platform.journal.count(RETRIEVE)).isZero();
        assertThat(successor.pins.pinned()).isEmpty();
        assertThat(successor.orchestrator.sessions()).isEmpty();
        assertThat(successor.orchestrator.handlers())
                .allSatisfy(handler -> assertThat(handler.files()).isZero());
    }

    @Test
    void theNumberOfTheUpdateIsCounted() throws Exception {
        UpdateReport report = platform.update(platform.to(successor));
        assertThat(report.number()).isEqualTo(1);
        assertThat(report.sessions()).isEqualTo(2);
        assertThat(report.files()).isEqualTo(3);
        assertThat(successor.orchestrator.liveUpdates()).isEqualTo(1);
        Platform third = platform.successor("memfd", "vfio");
        third.flb("hugetlb");
        successor.update(third);
        assertThat(third.orchestrator.liveUpdates()).isEqualTo(2);
        assertThat(third.orchestrator.sessions()).hasSize(2);
    }

    @Test
    void formatsThatTheSuccessorDoesNotReadAreNamedBeforeAnythingIsFrozen() throws Exception {
        Platform poor = platform.successor("vfio");
        assertThat(refused(Errno.ENOENT, () -> platform.update(poor)))
                .hasMessageContaining("memfd-v1=[one/0x1, one/0x2, two/0x1]")
                .hasMessageContaining("hugetlb-v1");
        assertThat(platform.journal.count(FREEZE)).isZero();
        assertThat(platform.core.outgoing().needs())
                .containsOnlyKeys(Compatible.of("memfd-v1"), Compatible.of("hugetlb-v1"));
        assertThat(poor.core.incoming().readable()).containsExactly(Compatible.of("vfio-v1"));
    }

    @Test
    void andNamedAgainIfNobodyAskedBefore() throws Exception {
        Platform poor = platform.successor("vfio");
        LuoException refusal =
                refused(Errno.ENOENT, () -> platform.update(platform.to(poor).withoutPreflight()));
        assertThat(refusal).hasMessageContaining("one/0x1 (memfd-v1)").hasMessageContaining("flb hugetlb-v1");
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.update(successor);
    }

    @Test
    void anOlderFormatIsReadByAHandlerThatListsIt() throws Exception {
        Platform newer = platform.successor("vfio");
        newer.flb("hugetlb");
        newer.add(new RecordingHandler("memfd2", platform.journal, platform.fds)
                .writing("memfd-v2")
                .reading("memfd-v1"));
        platform.update(newer);
        platform.fds.close(newer.retrieve("one").retrieve(org.luo.Token.of(1)));
        assertThat(platform.journal.lines(RETRIEVE)).contains("memfd2.retrieve a' as memfd-v1");
    }

    @Test
    void theWritersOwnReaderComesFirst() throws Exception {
        Platform both = platform.successor();
        both.flb("hugetlb");
        both.add(new RecordingHandler("other", platform.journal, platform.fds).reading("memfd-v1"));
        both.handler("memfd");
        platform.update(both);
        both.retrieve("one").close();
        assertThat(platform.journal.lines(FINISH)).contains("memfd.finish a' never");
    }

    @Test
    void whateverFailsTheSuccessorHasNothingAndThePredecessorEverything() throws Exception {
        refusedWhole(Errno.EIO, platform.to(successor).beforeDeserialize(() -> {
            throw LuoException.of(Errno.EIO, "made up");
        }));
        refusedWhole(Errno.EBADMSG, platform.to(successor).damaging(image -> new byte[image.length]));
        refusedWhole(Errno.EBADMSG, platform.to(successor).rearranging(files -> files.subList(1, files.size())));
        refusedWhole(Errno.EBADMSG, platform.to(successor).rearranging(files -> files.subList(0, files.size() - 1)));
        refusedWhole(Errno.EBADMSG, platform.to(successor).rearranging(List::reversed));
        refusedWhole(Errno.EBADMSG, platform.to(successor).rearranging(ArrivalTest::andOneMore));
        platform.fds.limit(platform.fds.openCount() + 2);
        refusedWhole(Errno.EMFILE, platform.to(successor));
        platform.fds.limit(100);
        platform.update(successor);
        successor.retrieve("one").close();
        successor.retrieve("two").close();
        successor.assertHoldsNothing();
    }

    private static List<OpenFile> andOneMore(List<OpenFile> files) {
        List<OpenFile> more = new ArrayList<>(files);
        more.add(files.getFirst());
        return more;
    }

    @Test
    void aFailureAfterDeserializingIsTakenBackToo() throws Exception {
        refused(
                Errno.EIO,
                () -> platform.update(platform.to(successor).afterDeserialize(() -> {
                    assertThat(successor.orchestrator.sessions()).hasSize(2);
                    throw LuoException.of(Errno.EIO, "made up");
                })));
        assertThat(platform.snapshot()).isEqualTo(before);
        Platform another = platform.successor("memfd");
        another.flb("hugetlb");
        platform.update(another);
    }

    @Test
    void anFdThatMeansAnotherFileByNowIsNoticed() throws Exception {
        int lent = platform.open("lent");
        memfd.on(PRESERVE, 1).returns(PluginState.of(new byte[1], lent));
        memfd.on(FREEZE, 4).returns(PluginState.of(new byte[1], lent));
        platform.session("three", "d");
        platform.fds.close(lent);
        assertThat(platform.open("another")).isEqualTo(lent);
        before = platform.snapshot();
        refusedWhole(Errno.EBADMSG, platform.to(successor));
    }

    @Test
    void aProcessDeserializesAndServesOnce() throws Exception {
        refused(
                Errno.EIO,
                () -> platform.update(platform.to(successor).afterDeserialize(() -> {
                    throw LuoException.of(Errno.EIO, "made up");
                })));
        refused(Errno.EBUSY, () -> platform.update(successor));
        successor = platform.successor("memfd", "vfio");
        successor.flb("hugetlb");
        platform.update(successor);
        refused(Errno.EBUSY, () -> successor.core.incoming().serve());
        refused(Errno.EBUSY, () -> platform.core.incoming().serve());
        var image = successor.core.outgoing().freeze();
        refused(Errno.EBUSY, () -> successor.core.incoming().deserialize(image.image()));
        refused(Errno.EBUSY, () -> platform.core.incoming().deserialize(image.image()));
        image.unfreeze();
        assertThat(successor.orchestrator.sessions()).hasSize(2);
    }

    @Test
    void aSuccessorMayAlsoStartWithNothing() throws Exception {
        successor.core.incoming().serve();
        assertThat(successor.orchestrator.liveUpdates()).isZero();
        successor.session("vm1");
    }

    @Test
    void doorsAreOpenedByWhoServesWithTheSocketsOfThePredecessor() throws Exception {
        int socket = platform.open("socket");
        RecordingDoor device = new RecordingDoor("device", platform.journal).carrying(socket);
        platform.core.doors().add(device);
        RecordingDoor next = new RecordingDoor("device", platform.journal);
        successor.core.doors().add(next);
        platform.update(platform.to(successor)
                .afterDeserialize(() -> assertThat(platform.journal.count(OPEN)).isEqualTo(1)));
        assertThat(platform.journal.lines(OPEN, CLOSE)).containsExactly("device.open cold", "device.open with 1");
        assertThat(next.sockets()).hasSize(1).doesNotContain(socket);
        assertThat(platform.fds.sameOpenFile(next.sockets().getFirst(), socket)).isTrue();
    }
}
