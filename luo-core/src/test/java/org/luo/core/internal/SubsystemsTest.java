// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.luo.core.internal.Platform.refused;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LiveUpdateState;
import org.luo.PluginStatus;
import org.luo.SubsystemInfo;
import org.luo.Token;
import org.luo.spi.Subsystem.Kind;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingSubsystem;

/** Order, rollback and crossing over of subsystems. */
final class SubsystemsTest {
    private Platform platform;
    private RecordingSubsystem clock;
    private RecordingSubsystem bridge;
    private RecordingSubsystem nic;

    @BeforeEach
    void aFileTwoDevicesAndTheClock() throws Exception {
        platform = Platform.serving();
        platform.handler("memfd");
        platform.session("vm1", "a");
        clock = platform.subsystem("clock", Kind.GLOBAL);
        bridge = platform.subsystem("bridge", Kind.DEVICE);
        nic = platform.subsystem("nic", Kind.DEVICE).under("bridge");
        platform.journal.clear();
    }

    /** With the same three, but for those left out. */
    private Platform successor(String... names) throws Exception {
        Platform successor = platform.successor("memfd");
        for (String name : names) {
            successor.subsystem(name, name.equals("clock") ? Kind.GLOBAL : Kind.DEVICE);
        }
        return successor;
    }

    @Test
    void filesComeFirstThenDevicesLeavesToRootThenGlobalOnes() throws Exception {
        platform = platform.update(successor("bridge", "nic", "clock"));
        assertThat(platform.journal.lines(Callback.PREPARE, Callback.FREEZE, Callback.CANCEL))
                .containsExactly(
                        "nic.prepare",
                        "bridge.prepare",
                        "clock.prepare",
                        "memfd.freeze a",
                        "nic.freeze nic",
                        "bridge.freeze bridge",
                        "clock.freeze clock");
    }

    @Test
    void whatOthersDependOnComesAfterThem() throws Exception {
        RecordingSubsystem base = platform.subsystem("base", Kind.DEVICE);
        platform.subsystem("user", Kind.DEVICE).needing("base", "clock");
        base.under("nic");
        platform.orchestrator.prepare();
        assertThat(platform.journal.lines())
                .containsExactly("user.prepare", "base.prepare", "nic.prepare", "bridge.prepare", "clock.prepare");
    }

    @Test
    void everythingThatIsMissingIsNamedAtOnceAndNobodyIsAsked() throws Exception {
        clock.needing("rtc", "acpi");
        nic.under("switch");
        assertThat(refused(Errno.ENOENT, platform.orchestrator::prepare))
                .hasMessage("prepare: subsystem clock needs acpi, subsystem clock needs rtc, "
                        + "subsystem nic needs switch: not there [ENOENT]");
        assertThat(platform.journal.lines()).isEmpty();
        refused(Errno.ENOENT, () -> platform.update(successor()));
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }

    @Test
    void circlesAndOddParentsAreRefused() throws Exception {
        bridge.needing("nic");
        assertThat(refused(Errno.EINVAL, platform.orchestrator::prepare)).hasMessageContaining("among bridge, nic");
        bridge.needing();
        nic.under("clock");
        refused(Errno.EINVAL, platform.orchestrator::prepare);
        nic.under("nic");
        refused(Errno.EINVAL, platform.orchestrator::prepare);
        assertThat(platform.journal.lines()).isEmpty();
    }

    @Test
    void whenOneCannotPrepareThoseBeforeItAreCancelledInReverse() throws Exception {
        clock.on(Callback.PREPARE, 1).fails(Errno.EIO);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EIO, platform.orchestrator::prepare);
        assertThat(platform.journal.lines())
                .containsExactly(
                        "nic.prepare", "bridge.prepare", "clock.prepare", "bridge.cancel bridge", "nic.cancel nic");
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        platform.orchestrator.prepare();
    }

    @Test
    void whenOneCannotFreezeAllAreCancelledInReverseAndThenTheFiles() throws Exception {
        platform.orchestrator.prepare();
        platform.journal.clear();
        bridge.on(Callback.FREEZE, 1).throwing(new IllegalStateException("made up"));
        refused(Errno.EIO, platform.orchestrator::freeze);
        assertThat(platform.journal.lines())
                .containsExactly(
                        "memfd.freeze a",
                        "nic.freeze nic",
                        "bridge.freeze bridge",
                        "clock.cancel clock",
                        "bridge.cancel bridge",
                        "nic.cancel nic+",
                        "memfd.unfreeze a'");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        assertThat(platform.pins.pinned()).containsOnlyKeys(Platform.CORE, platform.bundle("memfd"));
    }

    @Test
    void whenAFileCannotFreezeAllAreCancelledAndOneThatThrowsStopsNoOther() throws Exception {
        platform.orchestrator.prepare();
        platform.core
                .handlers()
                .remove(platform.core.handlers().slots().getFirst().current().service());
        platform.journal.clear();
        bridge.on(Callback.CANCEL).throwing(new IllegalStateException("must not"));
        refused(Errno.EAGAIN, () -> platform.update(successor()));
        assertThat(platform.journal.lines())
                .containsExactly("clock.cancel clock", "bridge.cancel bridge", "nic.cancel nic");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }

    @Test
    void cancellingAFreezeGoesInReverse() throws Exception {
        platform.orchestrator.prepare();
        platform.orchestrator.freeze();
        platform.journal.clear();
        platform.orchestrator.cancel();
        assertThat(platform.journal.lines())
                .containsExactly(
                        "clock.cancel clock+", "bridge.cancel bridge+", "nic.cancel nic+", "memfd.unfreeze a'");
    }

    @Test
    void anUpdateThatFailsCancelsAll() throws Exception {
        Platform successor = successor("nic");
        refused(
                Errno.EIO,
                () -> platform.update(platform.to(successor).damaging(bytes -> {
                    throw new IllegalStateException("made up");
                })));
        assertThat(platform.journal.lines(Callback.CANCEL))
                .containsExactly("clock.cancel clock+", "bridge.cancel bridge+", "nic.cancel nic+");
        assertThat(platform.pins.pinned()).containsOnlyKeys(Platform.CORE, platform.bundle("memfd"));
    }

    @Test
    void theirStatesCrossOverAndAreFinishedRootFirstWithTheLastSession() throws Exception {
        int fd = platform.open("socket");
        nic.carrying(fd);
        platform = platform.update(successor("bridge", "clock", "nic", "new"));
        platform.fds.close(fd);
        assertThat(platform.orchestrator.subsystems())
                .extracting(info -> info.name() + " " + info.phase() + " " + info.stateBytes())
                .containsExactly("bridge UPDATED 7", "clock UPDATED 6", "nic UPDATED 4", "new IDLE 0");
        assertThat(platform.journal.lines(Callback.FINISH)).isEmpty();
        platform.retrieve("vm1").close();
        assertThat(platform.journal.lines(Callback.FINISH))
                .containsExactly(
                        "memfd.finish a' never",
                        "clock.finish clock+",
                        "new.finish nothing",
                        "nic.finish nic+",
                        "bridge.finish bridge+");
        platform.assertHoldsNothing();
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }

    @Test
    void oneThatHasNothingToSayLeavesTheSuccessorNothingToFinish() throws Exception {
        platform = Platform.serving();
        platform.add(new RecordingSubsystem("silent", Kind.GLOBAL, platform.journal).silent());
        platform = platform.update(platform.successor());
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        assertThat(platform.orchestrator.subsystems()).isEmpty();
    }

    @Test
    void aStateThatNobodyTakesGoesOnUntilSomebodyComes() throws Exception {
        platform = platform.update(successor("nic"));
        platform.orchestrator.finish();
        assertThat(platform.orchestrator.subsystems())
                .extracting(SubsystemInfo::name, SubsystemInfo::status)
                .containsExactly(
                        tuple("nic", PluginStatus.ACTIVE),
                        tuple("bridge", PluginStatus.ORPHANED),
                        tuple("clock", PluginStatus.ORPHANED));
        platform = platform.update(successor("clock"));
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.UPDATED);
        platform.orchestrator.finish();
        platform.journal.clear();
        platform.subsystem("bridge", Kind.DEVICE);
        assertThat(platform.journal.lines()).containsExactly("bridge.finish bridge+");
        assertThat(platform.orchestrator.subsystems())
                .extracting(info -> info.name() + " " + info.phase())
                .containsExactly("clock IDLE", "bridge IDLE", "nic UPDATED");
    }

    @Test
    void aFinishThatThrowsStopsNoOther() throws Exception {
        Platform successor = successor("bridge");
        RecordingSubsystem odd = successor.subsystem("clock", Kind.GLOBAL);
        odd.on(Callback.FINISH).throwing(new IllegalStateException("must not"));
        platform = platform.update(successor);
        platform.orchestrator.finish();
        assertThat(platform.journal.lines(Callback.FINISH))
                .containsExactly("clock.finish clock+", "bridge.finish bridge+");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }

    @Test
    void aSubsystemIsPinnedFromPrepareOn() throws Exception {
        assertThat(platform.pins.pinned()).doesNotContainKey(platform.bundle("nic"));
        platform.orchestrator.prepare();
        assertThat(platform.pins.pinned())
                .containsKeys(platform.bundle("nic"), platform.bundle("bridge"), platform.bundle("clock"));
        platform.orchestrator.cancel();
        assertThat(platform.pins.pinned()).containsOnlyKeys(Platform.CORE, platform.bundle("memfd"));
    }

    @Test
    void oneThatLeavesWhilePreparedRefusesTheFreezeAndIsCancelledAllTheSame() throws Exception {
        platform.orchestrator.prepare();
        platform.core.subsystems().remove(nic);
        platform.journal.clear();
        refused(Errno.EAGAIN, platform.orchestrator::freeze);
        assertThat(platform.journal.lines(Callback.CANCEL))
                .containsExactly("clock.cancel clock", "bridge.cancel bridge", "nic.cancel nic");
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        assertThat(platform.orchestrator.subsystems()).hasSize(2);
    }

    @Test
    void oneThatComesWhilePreparedTakesPartInTheNextUpdateOnly() throws Exception {
        platform.orchestrator.prepare();
        platform.subsystem("late", Kind.GLOBAL);
        platform = platform.update(successor("late"));
        assertThat(platform.journal.lines()).doesNotContain("late.prepare", "late.freeze late");
        assertThat(platform.orchestrator.files()).extracting(f -> f.token()).containsExactly(Token.of(1));
    }

    @Test
    void aSecondOneOfTheSameNameIsRejectedAndListed() throws Exception {
        refused(Errno.EEXIST, () -> platform.subsystem("nic", Kind.GLOBAL));
        refused(Errno.EIO, () -> platform.subsystem("a name with spaces", Kind.GLOBAL));
        assertThat(platform.orchestrator.subsystems())
                .extracting(SubsystemInfo::status)
                .containsExactly(PluginStatus.ACTIVE, PluginStatus.ACTIVE, PluginStatus.ACTIVE, PluginStatus.REJECTED);
    }

    @Test
    void preparingTwiceWorksAfterACancel() throws Exception {
        platform.orchestrator.prepare();
        platform.orchestrator.cancel();
        platform.journal.clear();
        platform.orchestrator.prepare();
        assertThat(platform.journal.lines()).containsExactly("nic.prepare", "bridge.prepare", "clock.prepare");
    }
}
