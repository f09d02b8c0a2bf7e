// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CAN_FINISH;
import static org.luo.testkit.Callback.FINISH;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.luo.CallbackInfo;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;
import org.luo.testkit.Script;

/**
 * A callback that hangs in a client's call: that fails by name or goes on to its end, nobody waits behind it, and nothing
 * is half done when it returns.
 */
@Timeout(60)
final class HangingClientTest {
    private static final Duration TIMEOUT = Duration.ofMillis(160);

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private Platform platform;
    private RecordingHandler memfd;
    private RecordingFlb pool;
    private OutgoingSession vm1;

    @BeforeEach
    void aSessionWithAFile() throws Exception {
        platform = watched(Platform.serving());
        plugInto(platform);
        vm1 = platform.session("vm1", "a");
    }

    private static Platform watched(Platform platform) {
        platform.core.callTimeout(TIMEOUT);
        platform.core.patience(TIMEOUT);
        platform.core.watch();
        return platform;
    }

    private void plugInto(Platform into) throws Exception {
        pool = into.flb("pool");
        memfd = into.add(new RecordingHandler("memfd", into.journal, into.fds).needing("pool-v1"));
    }

    private Platform updated() throws Exception {
        Platform next = watched(platform.successor());
        plugInto(next);
        return platform.update(next);
    }

    @AfterEach
    void everyThreadReturns() {
        go.countDown();
        platform.core.close();
    }

    /** The callback hangs, whoever interrupts it. */
    private void hangs(Script.When when) {
        when.runs(() -> {
            reached.countDown();
            for (boolean waits = true; waits; ) {
                try {
                    go.await();
                    waits = false;
                } catch (InterruptedException e) {
                    // on it goes
                }
            }
        });
    }

    private interface Call {
        void call() throws Exception;
    }

    /** A client whose call hangs, once it has been given up. */
    private FutureTask<Boolean> hungClient(Platform in, Call call) throws Exception {
        FutureTask<Boolean> client = start(() -> {
            try {
                call.call();
            } finally {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            return true;
        });
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        while (in.orchestrator.callbacks().stream().noneMatch(CallbackInfo::overdue)) {
            Thread.sleep(5);
        }
        assertThat(client.isDone()).isFalse();
        return client;
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private LuoException refusalOf(FutureTask<?> client) throws Exception {
        go.countDown();
        try {
            client.get(10, TimeUnit.SECONDS);
            throw new AssertionError("the call went well");
        } catch (ExecutionException e) {
            return (LuoException) e.getCause();
        }
    }

    private void busy(String callback, ThrowingCallable call) {
        long start = System.nanoTime();
        assertThat(refused(Errno.EBUSY, call))
                .hasMessageContaining(callback)
                .hasMessageContaining("has not returned yet");
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    @Test
    void aCallbackThatHasReturnedJustNowIsNotOverdue() {
        Progress mine = Progress.mine();
        mine.call().begin(platform.core.gate());
        try {
            Watchdog.giveUp(mine, mine.call().number(), TIMEOUT.toMillis());
            assertThat(mine.call().isOverdue()).isFalse();
        } finally {
            mine.call().end();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Callback.class,
            names = {"CAN_PRESERVE", "PRESERVE"})
    void preservingThatCanBeInterruptedFailsByNameAndLeavesNothing(Callback callback) throws Exception {
        int fd = platform.open("b");
        Platform.Snapshot before = platform.snapshot();
        memfd.on(callback, 1).waits(reached, go);
        assertThat(refused(Errno.ETIMEDOUT, () -> vm1.preserve(fd, Token.of(2))))
                .hasMessageMatching(
                        callback + " of memfd-v1 of org.luo.memfd \\[\\d+] has not returned for \\d+ ms \\[ETIMEDOUT]");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(platform.snapshot()).isEqualTo(before);
        vm1.preserve(fd, Token.of(2));
        vm1.close();
        platform.assertHoldsNothing(fd);
    }

    @ParameterizedTest
    @EnumSource(
            value = Callback.class,
            names = {"CAN_PRESERVE", "IDENTITY", "PRESERVE"})
    void whatComesOfALatePreserveIsTakenBack(Callback callback) throws Exception {
        int fd = platform.open("b");
        Platform.Snapshot before = platform.snapshot();
        hangs(memfd.on(callback, 1));
        FutureTask<?> client = hungClient(platform, () -> vm1.preserve(fd, Token.of(2)));
        String hung = callback + " of memfd-v1";
        busy(hung, () -> vm1.preserve(fd, Token.of(3)));
        busy(hung, () -> vm1.unpreserve(Token.of(1)));
        busy(hung, vm1::close);
        assertThat(platform.orchestrator.files()).hasSize(1);
        assertThat(platform.orchestrator.callbacks())
                .singleElement()
                .satisfies(it -> assertThat(it.toString()).startsWith(hung).endsWith("given up"));
        platform.session("vm2", "c").close();
        assertThat(refusalOf(client)).hasMessageContaining(hung).hasMessageContaining("has not returned for");
        assertThat(platform.snapshot()).isEqualTo(before);
        if (callback == PRESERVE) {
            assertThat(platform.journal.lines(UNPRESERVE)).contains("memfd.unpreserve b");
        }
        assertThat(platform.orchestrator.callbacks()).isEmpty();
        vm1.preserve(fd, Token.of(2));
        updated().retrieve("vm1").close();
    }

    @Test
    void anFlbThatHangsRefusesWhoNeedsItAndNobodyElse() throws Exception {
        vm1.close();
        OutgoingSession vm2 = platform.session("vm2");
        platform.handler("other");
        hangs(pool.on(PRESERVE, 1));
        FutureTask<?> client = hungClient(platform, () -> platform.preserve(vm2, "b", 1));
        OutgoingSession vm3 = platform.session("vm3");
        busy("preserve of pool-v1", () -> platform.preserve(vm3, "c", 1));
        memfd.on(Callback.CAN_PRESERVE).fails(Errno.EIO); // so that the other one is asked
        platform.preserve(vm3, "c", 1);
        assertThat(refusalOf(client).errno()).isEqualTo(Errno.ETIMEDOUT);
        assertThat(platform.journal.lines(UNPRESERVE)).contains("pool.unpreserve pool#2");
        vm2.close();
        vm3.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aFileOfAnFlbThatHangsIsNotHalfLetGo() throws Exception {
        OutgoingSession vm2 = platform.session("vm2", "b");
        vm1.unpreserve(Token.of(1));
        hangs(pool.on(UNPRESERVE, 1));
        FutureTask<?> client = hungClient(platform, () -> vm2.unpreserve(Token.of(1)));
        busy("unpreserve of pool-v1", () -> platform.preserve(vm1, "c", 1));
        go.countDown();
        client.get(10, TimeUnit.SECONDS);
        platform.preserve(vm1, "c", 1);
        vm1.close();
        vm2.close();
        platform.assertHoldsNothing();
    }

    @Test
    void whatCannotFailGoesOnToItsEnd() throws Exception {
        platform.preserve(vm1, "b", 2);
        hangs(memfd.on(UNPRESERVE, 1));
        FutureTask<?> client = hungClient(platform, () -> vm1.unpreserve(Token.of(1)));
        busy("unpreserve of vm1/0x1", () -> vm1.unpreserve(Token.of(2)));
        assertThat(refused(Errno.ETIMEDOUT, () -> updated())).hasMessageContaining("unpreserve of vm1/0x1");
        go.countDown();
        client.get(10, TimeUnit.SECONDS);
        refused(Errno.ENOENT, () -> vm1.unpreserve(Token.of(1)));
        assertThat(platform.orchestrator.files()).hasSize(1);
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aFileThatComesBackLateIsThereForWhoeverAsksNext() throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform next = updated();
        IncomingSession session = next.retrieve("vm1");
        hangs(memfd.on(RETRIEVE, 1));
        FutureTask<?> client = hungClient(next, () -> session.retrieve(Token.of(1)));
        busy("retrieve of vm1/0x1", () -> session.retrieve(Token.of(1)));
        busy("retrieve of vm1/0x1", () -> session.retrieve(Token.of(2)));
        busy("retrieve of vm1/0x1", session::finish);
        assertThat(refusalOf(client).errno()).isEqualTo(Errno.ETIMEDOUT);
        next.fds.close(session.retrieve(Token.of(1)));
        assertThat(next.journal.count(RETRIEVE)).isEqualTo(1);
        session.close();
        next.assertHoldsNothing();
        next.core.close();
    }

    @Test
    void aFinishThatHangsBeforeAnythingIsFinishedChangesNothing() throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform next = updated();
        IncomingSession session = next.retrieve("vm1");
        hangs(memfd.on(CAN_FINISH, 2));
        FutureTask<?> client = hungClient(next, session::finish);
        busy("canFinish of vm1/0x2", () -> session.retrieve(Token.of(1)));
        assertThat(refusalOf(client).errno()).isEqualTo(Errno.ETIMEDOUT);
        assertThat(next.journal.count(FINISH)).isZero();
        session.close();
        next.assertHoldsNothing();
        next.core.close();
    }

    @Test
    void aFinishThatHangsInTheMiddleIsFinishedInTheEnd() throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform next = updated();
        IncomingSession session = next.retrieve("vm1");
        hangs(memfd.on(FINISH, 1));
        FutureTask<?> client = hungClient(next, session::finish);
        busy("finish of vm1/0x2", () -> session.retrieve(Token.of(1)));
        go.countDown();
        client.get(10, TimeUnit.SECONDS);
        assertThat(next.journal.lines(FINISH)).endsWith("memfd.finish a' never", "pool.finish pool#1");
        session.close();
        next.assertHoldsNothing();
        next.core.close();
    }

    @Test
    void whatHangsInATransitionIsListedUntilItReturns() throws Exception {
        hangs(memfd.on(FREEZE, 1));
        refused(Errno.ETIMEDOUT, this::updated);
        while (platform.orchestrator.callbacks().isEmpty()) {
            Thread.sleep(5);
        }
        assertThat(platform.orchestrator.callbacks())
                .singleElement()
                .satisfies(it -> assertThat(it.toString())
                        .startsWith("freeze of vm1/0x1 by org.luo.memfd [")
                        .endsWith("given up"));
        go.countDown();
        while (!platform.orchestrator.callbacks().isEmpty()) {
            Thread.sleep(5);
        }
        updated().retrieve("vm1").close();
    }

    /** Where in-time and overdue meet: the client's answer is what has happened, and nobody is interrupted afterwards. */
    @Test
    void whatIsJustInTimeOrJustNotIsOneOrTheOther() throws Exception {
        platform.core.callTimeout(Duration.ofMillis(2));
        memfd.on(PRESERVE).runs(() -> {
            long end = System.nanoTime() + ThreadLocalRandom.current().nextLong(1_500_000, 4_500_000);
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        });
        int late = 0;
        int rounds = 400;
        for (int i = 0; i < rounds; i++) {
            boolean kept = true;
            try {
                platform.preserve(vm1, "f" + i, 2);
            } catch (LuoException e) {
                assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT);
                kept = false;
                late++;
            }
            assertThat(Thread.interrupted()).isFalse();
            assertThat(platform.orchestrator.files()).hasSize(kept ? 2 : 1);
            if (kept) {
                vm1.unpreserve(Token.of(2));
            }
        }
        assertThat(late).isBetween(1, rounds - 1);
        vm1.close();
        platform.assertHoldsNothing();
    }
}
