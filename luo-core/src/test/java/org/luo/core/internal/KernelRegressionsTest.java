// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FINISH;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Session;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.spi.FlbReferences.Reference;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/**
 * The bugs that the kernel's live update orchestrator has had, one test each, by the numbers under which they are
 * listed for this project.
 *
 * <p>Shown elsewhere: 18, that a memfd's mode and seals survive, needs a kernel and belongs to the memfd handler. Of 3,
 * 5, 12 and 16 this is the core's part; real contents, sockets and processes are the integration tests', and every
 * damaged bit of an image is {@code DamagedImageTest}'s. Of 9 the other half is the wire's, where an operation of the
 * wrong direction can be asked for at all.
 */
@Timeout(30)
final class KernelRegressionsTest {
    private static final Token ONE = Token.of(1);
    private static final Token TWO = Token.of(2);

    private Platform platform;
    private RecordingHandler memfd;
    private RecordingFlb hugetlb;

    @BeforeEach
    void serving() throws Exception {
        platform = Platform.serving();
        withPlugins(platform);
    }

    private void withPlugins(Platform of) throws Exception {
        hugetlb = of.flb("hugetlb");
        memfd = of.add(new RecordingHandler("memfd", of.journal, of.fds).needing("hugetlb-v1"));
    }

    private Platform successor() throws Exception {
        Platform successor = platform.successor();
        withPlugins(successor);
        return successor;
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** Returns once the call waits for something. */
    private static <T> FutureTask<T> startAndWait(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(task).isNotDone();
            Thread.onSpinWait();
        }
        return task;
    }

    @Test
    @DisplayName("1: a failed retrieve is remembered and not run again")
    void case01() throws Exception {
        platform.session("vm1", "a");
        Platform next = platform.update(successor());
        memfd.on(RETRIEVE, 1).fails(Errno.ENOMEM);
        IncomingSession session = next.retrieve("vm1");
        refused(Errno.ENOMEM, () -> session.retrieve(ONE));
        refused(Errno.ENOMEM, () -> session.retrieve(ONE));
        session.close();
        assertThat(next.journal.lines(RETRIEVE, FINISH)).startsWith("memfd.retrieve a'", "memfd.finish a' ENOMEM");
    }

    @Test
    @DisplayName("2: so is an FLB's")
    void case02() throws Exception {
        platform.session("vm1", "a");
        Platform next = platform.update(successor());
        hugetlb.on(RETRIEVE, 1).fails(Errno.ENOMEM);
        refused(Errno.ENOMEM, () -> next.core.flbReferences().incoming(hugetlb));
        refused(Errno.ENOMEM, () -> next.core.flbReferences().incoming(hugetlb));
        next.retrieve("vm1").close();
        assertThat(next.journal.lines(RETRIEVE)).containsExactly("hugetlb.retrieve hugetlb#1");
        next.assertHoldsNothing();
    }

    @Test
    @DisplayName("3: what is written after preserve, until the freeze, goes over")
    void case03() throws Exception {
        int fd = platform.open("a");
        platform.session("vm1").preserve(fd, ONE);
        platform.fds.write(fd, "after preserve, ");
        memfd.on(FREEZE, 1).runs(() -> platform.fds.write(fd, "until the freeze"));
        Platform next = platform.update(successor());
        int back = next.retrieve("vm1").retrieve(ONE);
        assertThat(next.fds.read(back)).isEqualTo("after preserve, until the freeze");
        assertThat(next.journal.lines(RETRIEVE)).as("the state as frozen").containsExactly("memfd.retrieve a'");
    }

    @Test
    @DisplayName("4: one file under two tokens is busy, whichever fd it is seen through")
    void case04() throws Exception {
        OutgoingSession vm1 = platform.session("vm1");
        int fd = platform.open("a");
        int reopened = platform.fds.reopen(fd);
        vm1.preserve(fd, ONE);
        refused(Errno.EBUSY, () -> vm1.preserve(reopened, TWO));
        platform.fds.close(fd);
        int sameNumber = platform.open("b");
        assertThat(sameNumber).isEqualTo(fd);
        vm1.preserve(sameNumber, TWO);
    }

    @Test
    @DisplayName("5: no session is created, closed or changed while all are serialized")
    void case05() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a", "b");
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        memfd.on(FREEZE, 2).waits(reached, go);
        FutureTask<Integer> freeze = start(() -> {
            var frozen = platform.core.outgoing().freeze();
            int files = frozen.files();
            frozen.unfreeze();
            return files;
        });
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        FutureTask<Session> create = startAndWait(() -> platform.session("vm2"));
        FutureTask<Session> close = startAndWait(() -> {
            vm1.close();
            return vm1;
        });
        go.countDown();
        assertThat(freeze.get(10, TimeUnit.SECONDS)).isEqualTo(2);
        create.get(10, TimeUnit.SECONDS);
        close.get(10, TimeUnit.SECONDS);
        assertThat(platform.orchestrator.sessions())
                .extracting(s -> s.name().toString())
                .containsExactly("vm2");
    }

    @Test
    @DisplayName("6: of two callers that retrieve one session one gets it")
    void case06() throws Exception {
        platform.session("vm1");
        Platform next = platform.update(successor());
        List<FutureTask<Errno>> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            callers.add(start(() -> {
                try {
                    next.retrieve("vm1");
                    return null;
                } catch (LuoException e) {
                    return e.errno();
                }
            }));
        }
        List<Errno> answers = new ArrayList<>();
        for (FutureTask<Errno> caller : callers) {
            answers.add(caller.get(10, TimeUnit.SECONDS));
        }
        assertThat(answers)
                .containsOnlyOnce((Errno) null)
                .filteredOn(errno -> errno == Errno.EINVAL)
                .hasSize(7);
    }

    @Test
    @DisplayName("7: the file is open until its handler has let it go, and its key free only then")
    void case07() throws Exception {
        OutgoingSession vm1 = platform.session("vm1");
        OutgoingSession vm2 = platform.session("vm2");
        int fd = platform.open("a");
        vm1.preserve(fd, ONE);
        memfd.on(UNPRESERVE, 1).runs(() -> {
            assertThat(platform.fds.openCount()).isEqualTo(2);
            refused(Errno.EBUSY, () -> vm2.preserve(fd, ONE));
        });
        vm1.unpreserve(ONE);
        vm2.preserve(fd, ONE);
        platform.fds.close(fd);
        Platform next = platform.update(successor());
        IncomingSession session = next.retrieve("vm2");
        int back = session.retrieve(ONE);
        memfd.on(FINISH, 1).runs(() -> {
            assertThat(next.fds.openCount()).isEqualTo(2);
            refused(Errno.EBUSY, () -> next.session("vm3").preserve(back, ONE));
        });
        session.close();
        assertThat(next.fds.openCount()).isEqualTo(1);
        next.session("vm4").preserve(back, ONE);
    }

    @Test
    @DisplayName("8: a deserialization that fails half way leaves nothing half restored")
    void case08() throws Exception {
        platform.session("vm1", "a");
        platform.handler("vfio");
        platform.core.handlers().remove(memfd);
        OutgoingSession vm2 = platform.session("vm2", "v");
        platform.add(memfd);
        Platform next = successor();
        LuoException reason =
                refused(Errno.ENOENT, () -> platform.update(platform.to(next).withoutPreflight()));
        assertThat(reason).hasMessageContaining("vm2/0x1 (vfio-v1)").hasMessageNotContaining("vm1");
        assertThat(next.orchestrator.sessions()).isEmpty();
        assertThat(next.pins.pinned()).isEmpty();
        assertThat(platform.fds.openCount()).isEqualTo(2);
        vm2.close();
        platform.update(successor()).retrieve("vm1").close();
    }

    @Test
    @DisplayName("9: an operation of the wrong direction does not exist")
    void case09() throws Exception {
        OutgoingSession out = platform.session("out");
        refused(Errno.ENOENT, () -> platform.retrieve("out"));
        assertThat(out).isNotInstanceOf(IncomingSession.class);
        platform.session("in");
        IncomingSession in = platform.update(successor()).retrieve("in");
        assertThat(in).isNotInstanceOf(OutgoingSession.class);
        assertThat(methods(OutgoingSession.class)).doesNotContain("retrieve", "finish");
        assertThat(methods(IncomingSession.class)).doesNotContain("preserve", "unpreserve");
    }

    private static List<String> methods(Class<?> type) {
        return Arrays.stream(type.getMethods()).map(method -> method.getName()).toList();
    }

    @Test
    @DisplayName("10: an FLB's object lives while it is used, whoever counts at the same time")
    void case10() throws Exception {
        platform.session("vm1", "a");
        Platform next = platform.update(successor());
        Reference<String> used = next.core.flbReferences().incoming(hugetlb);
        List<FutureTask<Void>> users = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            users.add(start(() -> {
                for (int n = 0; n < 2000; n++) {
                    next.core.flbReferences().incoming(hugetlb).close();
                }
                return null;
            }));
        }
        next.retrieve("vm1").close();
        for (FutureTask<Void> user : users) {
            user.get(10, TimeUnit.SECONDS);
        }
        assertThat(next.orchestrator.flbs().getFirst().incoming()).isEqualTo(1);
        assertThat(next.journal.lines(FINISH)).doesNotContain("hugetlb.finish hugetlb#1");
        used.close();
        assertThat(next.journal.lines(FINISH)).endsWith("hugetlb.finish hugetlb#1");
        next.assertHoldsNothing();
    }

    @Test
    @DisplayName("11: what is no live update serializes nothing")
    void case11() throws Exception {
        platform.session("vm1", "a");
        refused(Errno.EOPNOTSUPP, () -> platform.orchestrator.update("reboot", Map.of()));
        refused(Errno.ENOENT, () -> platform.update(platform.successor()));
        platform.update(successor());
        refused(Errno.EOPNOTSUPP, () -> platform.orchestrator.update("memory", Map.of()));
        assertThat(platform.journal.count(FREEZE)).isEqualTo(1);
    }

    @Test
    @DisplayName("12: running out of something half way leaves nothing behind, wherever it happens")
    void case12() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a");
        int fd = platform.open("b");
        int open = platform.fds.openCount();
        Platform.Snapshot before = platform.snapshot();
        platform.fds.limit(open);
        refused(Errno.EMFILE, () -> vm1.preserve(fd, TWO));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.fds.limit(open + 1);
        vm1.preserve(fd, TWO);
        before = platform.snapshot();
        for (int spare = 0; spare < 2; spare++) {
            platform.fds.limit(open + 1 + spare);
            refused(Errno.EMFILE, () -> platform.update(successor()));
            assertThat(platform.snapshot()).isEqualTo(before);
        }
        platform.fds.limit(open + 3);
        Platform next = platform.update(successor());
        next.fds.limit(next.fds.openCount());
        IncomingSession session = next.retrieve("vm1");
        refused(Errno.EMFILE, () -> session.retrieve(ONE));
        session.close();
        next.assertHoldsNothing(fd);
    }

    @Test
    @DisplayName("13: a handler that vanished is not called, its files wait for it")
    void case13() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a");
        RecordingHandler gone = memfd;
        platform.core.handlers().remove(gone);
        platform.journal.clear();
        refused(Errno.EAGAIN, vm1::close);
        refused(Errno.EAGAIN, () -> platform.update(successor()));
        assertThat(platform.journal.lines()).isEmpty();
        assertThat(platform.fds.openCount()).isEqualTo(1);
        platform.add(new RecordingHandler("again", platform.journal, platform.fds)
                .writing("memfd-v1")
                .needing("hugetlb-v1"));
        vm1.close();
        assertThat(platform.journal.lines(UNPRESERVE))
                .containsExactly("again.unpreserve a", "hugetlb.unpreserve hugetlb#1");
        platform.assertHoldsNothing();
    }

    @Test
    @DisplayName("14: of many first users of an FLB one makes it and all see it whole")
    void case14() throws Exception {
        for (int round = 0; round < 50; round++) {
            Platform first = Platform.serving();
            withPlugins(first);
            first.session("vm1", "a");
            platform = first;
            Platform next = first.update(successor());
            List<FutureTask<String>> users = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                users.add(
                        start(() -> next.core.flbReferences().incoming(hugetlb).get()));
            }
            for (FutureTask<String> user : users) {
                assertThat(user.get(10, TimeUnit.SECONDS)).isEqualTo("hugetlb#1");
            }
            assertThat(next.journal.lines(RETRIEVE)).containsExactly("hugetlb.retrieve hugetlb#1");
        }
    }

    @Test
    @DisplayName("15: names of bad lengths are refused")
    void case15() throws Exception {
        for (int length : new int[] {0, 64, 65, 4096}) {
            refused(Errno.EINVAL, () -> SessionName.of(new String(new char[length]).replace('\0', 'X')));
        }
        String longest = "X".repeat(63);
        assertThat(platform.session(longest).name()).hasToString(longest);
    }

    @Test
    @DisplayName("16: a corrupt handover is refused whole and the outgoing side keeps everything")
    void case16() throws Exception {
        platform.session("vm1", "a", "b");
        platform.session("vm2", "c");
        Platform.Snapshot before = platform.snapshot();
        for (int at = 0; at < 900; at += 13) {
            int offset = at;
            Platform next = successor();
            LuoException reason = refused(
                    Errno.EBADMSG,
                    () -> platform.update(platform.to(next).damaging(image -> {
                        image[offset % image.length] ^= 0x10;
                        return image;
                    })));
            assertThat(reason).hasMessageContaining("at offset ");
            assertThat(next.pins.pinned()).isEmpty();
            assertThat(platform.snapshot()).isEqualTo(before);
        }
        platform.update(successor()).retrieve("vm1").close();
    }

    @Test
    @DisplayName("17: an FLB that nobody asked for before the first finish is finished once, with the last")
    void case17() throws Exception {
        platform.session("vm1", "a", "b");
        platform.session("vm2", "c");
        Platform next = platform.update(successor());
        next.retrieve("vm1").close();
        assertThat(next.journal.lines(FINISH)).containsExactly("memfd.finish b' never", "memfd.finish a' never");
        assertThat(next.orchestrator.flbs().getFirst().incoming()).isEqualTo(1);
        next.retrieve("vm2").close();
        assertThat(next.journal.lines(RETRIEVE, FINISH))
                .endsWith("memfd.finish c' never", "hugetlb.retrieve hugetlb#1", "hugetlb.finish hugetlb#1");
        refused(Errno.ENODATA, () -> next.core.flbReferences().incoming(hugetlb));
    }
}
