// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.IDENTITY;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNFREEZE;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.HandlerInfo;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingHandler;

/** A callback that does not return fails the update or the adoption by name, and what it does later has no effect. */
@Timeout(60)
final class HangingHandlerTest {
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private Platform platform;
    private RecordingHandler memfd;
    private OutgoingSession vm1;

    @BeforeEach
    void threeFiles() throws Exception {
        platform = Platform.serving();
        platform.core.patience(PATIENCE);
        memfd = platform.handler("memfd");
        vm1 = platform.session("vm1", "a", "b", "c");
        platform.journal.clear();
    }

    @AfterEach
    void everyThreadReturns() {
        go.countDown();
    }

    /** What hangs returns, and the thread that was given up ends. */
    private void awaitEndOf(String thread) throws Exception {
        go.countDown();
        for (Thread each : Thread.getAllStackTraces().keySet()) {
            if (each.getName().equals(thread)) {
                each.join(5_000);
                assertThat(each.isAlive()).isFalse();
            }
        }
    }

    @Test
    void aFreezeThatHangsFailsTheUpdateAndEverythingIsUnfrozen() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        memfd.on(FREEZE, 2).waits(reached, go);
        assertThat(refused(Errno.ETIMEDOUT, () -> platform.update(platform.successor("memfd"))))
                .hasMessage("live update: freeze of vm1/0x2 has not returned for 200 ms [ETIMEDOUT]");
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly("memfd.unfreeze a'");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        platform.preserve(vm1, "d", 4);
        assertThat(refused(Errno.EBUSY, () -> vm1.unpreserve(Token.of(2))))
                .hasMessageContaining("vm1/0x2: freeze has not returned yet");
        refused(Errno.EBUSY, () -> platform.update(platform.successor("memfd")));
        awaitEndOf("luo-live-update");
        assertThat(platform.journal.lines(UNFREEZE)).contains("memfd.unfreeze b'");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        platform.update(platform.successor("memfd")).retrieve("vm1").close();
    }

    @Test
    void anUnfreezeThatHangsDoesNotKeepTheOthersFrozen() throws Exception {
        memfd.on(FREEZE, 3).fails(Errno.EIO);
        memfd.on(UNFREEZE, 1).waits(reached, go);
        refused(Errno.ETIMEDOUT, () -> platform.update(platform.successor("memfd")));
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly("memfd.unfreeze a'", "memfd.unfreeze b'");
        platform.preserve(vm1, "d", 4);
        awaitEndOf("luo-live-update");
        platform.update(platform.successor("memfd")).retrieve("vm1").close();
    }

    @Test
    void aFreezeStepThatHangsEndsInNormal() throws Exception {
        platform.orchestrator.prepare();
        memfd.on(FREEZE, 3).waits(reached, go);
        refused(Errno.ETIMEDOUT, platform.orchestrator::freeze);
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        vm1.unpreserve(Token.of(1));
        awaitEndOf("luo-freeze");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        vm1.close();
        platform.assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource(
            value = Callback.class,
            names = {"RETRIEVE", "IDENTITY", "CAN_FINISH", "FINISH", "PRESERVE"})
    void anAdoptionThatHangsIsTakenBackAndWhatComesLateHasNoEffect(Callback callback) throws Exception {
        Platform.Snapshot before = platform.snapshot();
        RecordingHandler newer = new RecordingHandler("newer", platform.journal, platform.fds).reading("memfd-v1");
        platform.add(newer.returningNewFds());
        newer.on(callback, 2).waits(reached, go);
        HandlerInfo to = platform.orchestrator.handlers().getLast();
        assertThat(refused(Errno.ETIMEDOUT, () -> platform.orchestrator.adopt(Compatible.of("memfd-v1"), to)))
                .hasMessageContaining(" of vm1/0x2 has not returned for 200 ms");
        assertThat(platform.snapshot().files()).isEqualTo(before.files());
        assertThat(platform.snapshot().pins()).isEqualTo(before.pins());
        platform.preserve(vm1, "d", 4);
        awaitEndOf("luo-adopt");
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void aClientsCallThatHangsFailsTheUpdateByName() throws Exception {
        memfd.on(PRESERVE, 1).waits(reached, go);
        FutureTask<OutgoingSession> client = start(() -> platform.session("vm2", "x"));
        assertThat(reached.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(refused(Errno.ETIMEDOUT, () -> platform.update(platform.successor("memfd"))))
                .hasMessageContaining("preserve of memfd-v1");
        platform.session("vm3", "y").close();
        go.countDown();
        client.get(5, TimeUnit.SECONDS).close();
        platform.update(platform.successor("memfd")).retrieve("vm1").close();
    }

    /** The callback waits for another thread that calls the orchestrator: nobody waits for ever. */
    @ParameterizedTest
    @EnumSource(Call.class)
    void aCallbackThatWaitsForACallOfAnotherThreadIsBounded(Call call) throws Exception {
        FutureTask<?>[] other = new FutureTask<?>[1];
        memfd.on(FREEZE, 1).runs(() -> {
            other[0] = start(() -> {
                call.on(platform, vm1);
                return null;
            });
            try {
                other[0].get();
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(LuoException.class);
            }
        });
        catchThrowable(() -> platform.update(platform.successor("memfd")));
        if (other[0] != null) {
            try {
                other[0].get(20, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(LuoException.class);
            }
        }
    }

    /** The same calls from the callback itself are allowed or refused at once. */
    @ParameterizedTest
    @EnumSource(Call.class)
    void aCallFromACallbackItselfReturnsAtOnce(Call call) throws Exception {
        for (Callback callback : new Callback[] {PRESERVE, IDENTITY, FREEZE, RETRIEVE}) {
            memfd.on(callback, 1).runs(() -> {
                try {
                    call.on(platform, vm1);
                } catch (LuoException e) {
                    assertThat(e.errno())
                            .isIn(Errno.EDEADLK, Errno.EBUSY, Errno.ENOENT, Errno.EINVAL, Errno.EOPNOTSUPP);
                }
            });
        }
        platform.session("own", "x");
        platform.update(platform.successor("memfd"));
    }

    /** Everything that can be called. */
    enum Call {
        CREATE((p, s) -> p.session("made" + System.nanoTime())),
        RETRIEVE_SESSION((p, s) -> p.retrieve("nothing")),
        PRESERVE_OWN((p, s) -> p.preserve(s, "n", 99)),
        UNPRESERVE_OWN((p, s) -> s.unpreserve(Token.of(3))),
        UNPRESERVE((p, s) -> p.orchestrator.unpreserve(s.name(), Token.of(3))),
        DROP((p, s) -> p.orchestrator.drop(s.name())),
        PREPARE((p, s) -> p.orchestrator.prepare()),
        FREEZE_ALL((p, s) -> p.orchestrator.freeze()),
        CANCEL((p, s) -> p.orchestrator.cancel()),
        FINISH_ALL((p, s) -> p.orchestrator.finish()),
        UPDATE((p, s) -> p.orchestrator.update("memory", Map.of())),
        CHECK((p, s) -> p.orchestrator.check(p.open("looked at"))),
        ADOPT((p, s) -> p.orchestrator.adopt(
                Compatible.of("memfd-v1"), p.orchestrator.handlers().getFirst())),
        LIST((p, s) -> p.orchestrator.files());

        private final Body body;

        Call(Body body) {
            this.body = body;
        }

        void on(Platform platform, OutgoingSession session) throws Exception {
            body.run(platform, session);
        }

        private interface Body {
            void run(Platform platform, OutgoingSession session) throws Exception;
        }
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
