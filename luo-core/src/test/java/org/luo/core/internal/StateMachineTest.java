// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.LiveUpdateState.FROZEN;
import static org.luo.LiveUpdateState.NORMAL;
import static org.luo.LiveUpdateState.PREPARED;
import static org.luo.LiveUpdateState.UPDATED;
import static org.luo.core.internal.Platform.refused;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.handover.Door;
import org.luo.spi.PluginState;
import org.luo.spi.Subsystem.Kind;
import org.luo.spi.Verdict;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingDoor;
import org.luo.testkit.RecordingHandler;

/** Which state leads where, and what a lasting freeze means. */
final class StateMachineTest {
    private Platform platform;
    private RecordingHandler memfd;

    @BeforeEach
    void serving() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
    }

    private LiveUpdateState state() {
        return platform.orchestrator.state();
    }

    private Platform successor() throws LuoException {
        return platform.successor("memfd");
    }

    /** Only these of the four transitions are not refused; nothing has changed by the others. */
    private void assertLeadsOn(boolean prepare, boolean freeze, boolean cancel, boolean finish) {
        LiveUpdateState before = state();
        int calls = platform.journal.lines().size();
        if (!prepare) {
            refused(Errno.EINVAL, platform.orchestrator::prepare);
        }
        if (!freeze) {
            refused(Errno.EINVAL, platform.orchestrator::freeze);
        }
        if (!cancel) {
            refused(Errno.EINVAL, platform.orchestrator::cancel);
        }
        if (!finish) {
            assertThat(refused(Errno.EINVAL, platform.orchestrator::finish))
                    .hasMessage("finish: the state is " + before + ", not updated [EINVAL]");
        }
        assertThat(state()).isEqualTo(before);
        assertThat(platform.journal.lines()).hasSize(calls);
    }

    @Test
    void eachStateLeadsOnToSomeOthersOnly() throws Exception {
        platform.session("vm1", "a");
        assertThat(state()).isEqualTo(NORMAL);
        assertLeadsOn(true, false, false, false);
        platform.orchestrator.prepare();
        assertThat(state()).isEqualTo(PREPARED);
        assertLeadsOn(false, true, true, false);
        platform.orchestrator.freeze();
        assertThat(state()).isEqualTo(FROZEN);
        assertLeadsOn(false, false, true, false);
        platform.orchestrator.cancel();
        assertThat(state()).isEqualTo(NORMAL);
        platform = platform.update(successor());
        assertThat(state()).isEqualTo(UPDATED);
        assertLeadsOn(false, false, false, true);
        platform.orchestrator.finish();
        assertThat(state()).isEqualTo(NORMAL);
        assertThat(platform.orchestrator.sessions()).hasSize(1);
    }

    @Test
    void aColdStartAndAnUpdateThatCarriedNothingAreNormal() throws Exception {
        assertThat(state()).isEqualTo(NORMAL);
        platform = platform.update(successor());
        assertThat(state()).isEqualTo(NORMAL);
    }

    @Test
    void updatedEndsWithTheLastIncomingSessionThatIsFinished() throws Exception {
        platform.session("vm1", "a");
        platform.session("vm2", "b");
        platform.session("vm3");
        platform = platform.update(successor());
        platform.retrieve("vm3").finish();
        IncomingSession vm1 = platform.retrieve("vm1");
        vm1.finish();
        vm1.finish();
        vm1.close();
        assertThat(state()).isEqualTo(UPDATED);
        platform.retrieve("vm2").close();
        assertThat(state()).isEqualTo(NORMAL);
    }

    @Test
    void aSessionThatIsRefusedToFinishKeepsTheStateUpdated() throws Exception {
        platform.session("vm1", "a");
        Platform successor = successor();
        platform = platform.update(successor);
        IncomingSession vm1 = platform.retrieve("vm1");
        memfd = (RecordingHandler)
                platform.core.handlers().slots().getFirst().current().service();
        memfd.on(Callback.CAN_FINISH, 1).returns(Verdict.no("busy"));
        refused(Errno.EBUSY, vm1::finish);
        assertThat(state()).isEqualTo(UPDATED);
        vm1.finish();
        assertThat(state()).isEqualTo(NORMAL);
    }

    @Test
    void anUpdateGoesOnFromEveryState() throws Exception {
        platform.session("vm1", "a");
        platform = platform.update(successor());
        assertThat(state()).isEqualTo(UPDATED);
        platform = platform.update(successor());
        assertThat(state()).as("from updated").isEqualTo(UPDATED);
        platform.orchestrator.finish();
        platform = platform.update(successor());
        platform.orchestrator.finish();
        platform.orchestrator.prepare();
        platform = platform.update(successor());
        platform.orchestrator.finish();
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        platform = platform.update(successor());
        assertThat(platform.orchestrator.liveUpdates()).isEqualTo(5);
        int fd = platform.retrieve("vm1").retrieve(Token.of(1));
        assertThat(platform.fds.name(fd)).isEqualTo("a");
    }

    @Test
    void anUpdateThatFailsEndsInNormalWhereverItBegan() throws Exception {
        platform.session("vm1", "a");
        Platform.Snapshot before = platform.snapshot();
        failedUpdate();
        platform.orchestrator.prepare();
        failedUpdate();
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        failedUpdate();
        refused(Errno.EOPNOTSUPP, () -> platform.orchestrator.update("nothing", Map.of()));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.update(successor());
    }

    private void failedUpdate() throws LuoException {
        Platform successor = successor();
        refused(
                Errno.EIO,
                () -> platform.update(platform.to(successor).beforeDeserialize(() -> {
                    assertThat(state()).isEqualTo(FROZEN);
                    throw LuoException.of(Errno.EIO, "made up");
                })));
        assertThat(state()).isEqualTo(NORMAL);
    }

    @Test
    void anUpdateThatCannotEvenBePreparedLeavesUpdatedAlone() throws Exception {
        platform.session("vm1", "a");
        platform = platform.update(successor());
        platform.retrieve("vm1").retrieve(Token.of(1));
        refused(Errno.EBUSY, () -> platform.update(successor()));
        assertThat(state()).isEqualTo(UPDATED);
    }

    @Test
    void preparingRefusesWhatAnUpdateWouldRefuse() throws Exception {
        platform.session("vm1", "a");
        platform.core.handlers().remove(memfd);
        assertThat(refused(Errno.EAGAIN, platform.orchestrator::prepare)).hasMessageContaining("vm1/0x1");
        assertThat(state()).isEqualTo(NORMAL);
    }

    @Test
    void sessionsAreUsedWhilePreparedAndTheirFilesGoOver() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a");
        platform.orchestrator.prepare();
        platform.preserve(vm1, "b", 2);
        vm1.unpreserve(Token.of(1));
        platform.orchestrator.freeze();
        platform = platform.update(successor());
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.token())
                .containsExactly(Token.of(2));
    }

    @Test
    void aFreezeThatFailsTakesEverythingBack() throws Exception {
        platform.session("vm1", "a", "b");
        platform.orchestrator.prepare();
        memfd.on(Callback.FREEZE, 2).fails(Errno.EIO);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EIO, platform.orchestrator::freeze);
        assertThat(state()).isEqualTo(NORMAL);
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.session("vm2").close();
    }

    private <T> FutureTask<T> waiting(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        while (!Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING).contains(thread.getState())) {
            assertThat(task).isNotDone();
            Thread.onSpinWait();
        }
        return task;
    }

    @Test
    void sessionCallsWaitWhileFrozenAndAnotherThreadTakesItBack() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a");
        OutgoingSession vm2 = platform.session("vm2");
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        FutureTask<OutgoingSession> create = waiting(() -> platform.session("vm3"));
        FutureTask<Void> close = waiting(() -> {
            vm2.close();
            return null;
        });
        assertThat(platform.orchestrator.sessions()).hasSize(2);
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            try {
                platform.orchestrator.cancel();
            } catch (LuoException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(create.get(10, TimeUnit.SECONDS).name()).hasToString("vm3");
        close.get(10, TimeUnit.SECONDS);
        assertThat(other.join(Duration.ofSeconds(10))).isTrue();
        assertThat(platform.orchestrator.sessions())
                .extracting(info -> info.name().toString())
                .containsExactly("vm1", "vm3");
        vm1.unpreserve(Token.of(1));
    }

    @Test
    void anotherThreadMayUpdateWhatOneHasFrozen() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a");
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        FutureTask<Void> close = waiting(() -> {
            vm1.close();
            return null;
        });
        Platform successor = successor();
        FutureTask<Platform> update = new FutureTask<>(() -> platform.update(successor));
        Thread.ofPlatform().daemon().start(update);
        platform = update.get(10, TimeUnit.SECONDS);
        close.get(10, TimeUnit.SECONDS);
        assertThat(platform.journal.lines(Callback.FREEZE)).containsExactly("memfd.freeze a");
        assertThat(platform.orchestrator.files()).hasSize(1);
    }

    @Test
    void whoIsInterruptedWhileFrozenIsToldToTryAgain() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a");
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        Thread.currentThread().interrupt();
        refused(Errno.EAGAIN, vm1::close);
        assertThat(Thread.interrupted()).isTrue();
        platform.orchestrator.cancel();
        vm1.close();
        platform.assertHoldsNothing();
    }

    @Test
    void whoIsInterruptedWhileAnotherTransitionRunsIsToldToTryAgain() throws Exception {
        CountDownLatch preparing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        platform.subsystem("slow", Kind.GLOBAL).on(Callback.PREPARE, 1).waits(preparing, go);
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            try {
                platform.orchestrator.prepare();
            } catch (LuoException e) {
                throw new IllegalStateException(e);
            }
        });
        preparing.await();
        Thread.currentThread().interrupt();
        refused(Errno.EAGAIN, platform.orchestrator::cancel);
        assertThat(Thread.interrupted()).isTrue();
        go.countDown();
        assertThat(other.join(Duration.ofSeconds(10))).isTrue();
        platform.orchestrator.cancel();
    }

    @Test
    void anUpdateWaitsForAnotherTransitionButNotForAnotherUpdate() throws Exception {
        platform.session("vm1", "a");
        CountDownLatch preparing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        platform.subsystem("slow", Kind.GLOBAL).on(Callback.PREPARE, 1).waits(preparing, go);
        FutureTask<Void> prepare = waiting(() -> {
            platform.orchestrator.prepare();
            return null;
        });
        preparing.await();
        Platform successor = successor();
        FutureTask<Platform> update = waiting(() -> platform.update(successor));
        refused(Errno.EBUSY, () -> platform.update(successor));
        go.countDown();
        prepare.get(10, TimeUnit.SECONDS);
        platform = update.get(10, TimeUnit.SECONDS);
        assertThat(platform.orchestrator.files()).hasSize(1);
    }

    @Test
    void aCallbackCannotChangeTheState() throws Exception {
        List<Callback> callbacks = List.of(Callback.PREPARE, Callback.FREEZE, Callback.CANCEL);
        var pci = platform.subsystem("pci", Kind.DEVICE);
        callbacks.forEach(callback -> pci.on(callback).runs(() -> {
            refused(Errno.EDEADLK, platform.orchestrator::prepare);
            refused(Errno.EDEADLK, platform.orchestrator::cancel);
        }));
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        platform.orchestrator.cancel();
        assertThat(platform.journal.lines()).containsExactly("pci.prepare", "pci.freeze pci", "pci.cancel pci+");
    }

    @Test
    void onlyDoorsThatServeWhileFrozenAreOpenUntilTheHandover() throws Exception {
        RecordingDoor device = new RecordingDoor("device", platform.journal);
        platform.core.doors().add(device);
        platform.core.doors().add(new OpenDoor(platform));
        platform.orchestrator.prepare();
        platform.journal.clear();
        platform.orchestrator.freeze();
        assertThat(platform.journal.lines()).containsExactly("device.freeze");
        Platform successor = successor();
        refused(
                Errno.EIO,
                () -> platform.update(platform.to(successor).beforeDeserialize(() -> {
                    assertThat(platform.journal.lines()).containsExactly("device.freeze", "admin.freeze");
                    throw LuoException.of(Errno.EIO, "made up");
                })));
        assertThat(platform.journal.lines())
                .containsExactly("device.freeze", "admin.freeze", "admin.unfreeze", "device.unfreeze");
    }

    /** As a recording door, but open while frozen. */
    private record OpenDoor(RecordingDoor door) implements Door {
        OpenDoor(Platform platform) {
            this(new RecordingDoor("admin", platform.journal));
        }

        @Override
        public String name() {
            return door.name();
        }

        @Override
        public void open(Optional<PluginState> inherited) {
            door.open(inherited);
        }

        @Override
        public PluginState freeze() {
            return door.freeze();
        }

        @Override
        public void unfreeze() {
            door.unfreeze();
        }

        @Override
        public void close() {
            door.close();
        }

        @Override
        public boolean servesWhileFrozen() {
            return true;
        }
    }
}
