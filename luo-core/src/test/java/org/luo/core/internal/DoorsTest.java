// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CLOSE;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.OPEN;
import static org.luo.testkit.Callback.UNFREEZE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Frozen;
import org.luo.testkit.RecordingDoor;

/** Doors are open exactly while this process serves, and their sockets cross over. */
final class DoorsTest {
    private Platform platform;
    private RecordingDoor device;
    private RecordingDoor agent;

    @BeforeEach
    void twoDoors() throws Exception {
        platform = Platform.serving();
        device = door(platform, "device");
        agent = door(platform, "agent");
    }

    private static RecordingDoor door(Platform platform, String name) {
        RecordingDoor door = new RecordingDoor(name, platform.journal);
        platform.core.doors().add(door);
        return door;
    }

    @Test
    void aDoorIsOpenedWhenItComesAndClosedWhenItGoes() {
        assertThat(platform.journal.lines()).containsExactly("device.open cold", "agent.open cold");
        platform.core.doors().remove(device);
        platform.core.doors().remove(device);
        assertThat(platform.journal.lines(CLOSE)).containsExactly("device.close");
    }

    @Test
    void oneThatDoesNotOpenLeavesTheOthersAlone() throws Exception {
        platform.journal.clear();
        RecordingDoor broken = new RecordingDoor("broken", platform.journal);
        broken.on(OPEN, 1).fails(Errno.EADDRINUSE);
        platform.core.doors().add(broken);
        assertThat(platform.journal.lines()).containsExactly("broken.open cold");
        platform.core.outgoing().freeze().unfreeze();
        assertThat(platform.journal.lines(FREEZE)).containsExactly("device.freeze", "agent.freeze");
        platform.core.doors().remove(broken);
        assertThat(platform.journal.count(CLOSE)).isZero();
    }

    @Test
    void oneWithoutAUsableNameOfItsOwnStaysShut() throws Exception {
        platform.journal.clear();
        door(platform, "device");
        door(platform, "x".repeat(48));
        door(platform, "with space");
        door(platform, "");
        assertThat(platform.journal.lines()).isEmpty();
        Platform successor = platform.successor();
        door(successor, "device");
        platform.update(successor);
        assertThat(platform.journal.lines(OPEN)).containsExactly("device.open with 0");
    }

    @Test
    void theyAreFrozenInOrderAndUnfrozenInReverse() throws Exception {
        platform.journal.clear();
        platform.core.outgoing().freeze().unfreeze();
        assertThat(platform.journal.lines())
                .containsExactly("device.freeze", "agent.freeze", "agent.unfreeze", "device.unfreeze");
    }

    @Test
    void oneThatComesWhileFrozenIsNotUnfrozen() throws Exception {
        Frozen frozen = platform.core.outgoing().freeze();
        door(platform, "late");
        platform.core.doors().remove(agent);
        platform.journal.clear();
        frozen.unfreeze();
        assertThat(platform.journal.lines()).containsExactly("device.unfreeze");
    }

    @Test
    void aFailureUnfreezesThoseBeforeIt() throws Exception {
        agent.on(FREEZE, 1).returns(null);
        refused(Errno.EIO, () -> platform.core.outgoing().freeze());
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly("device.unfreeze");
        agent.on(FREEZE, 1).throwing(new StackOverflowError());
        refused(Errno.EIO, () -> platform.core.outgoing().freeze());
        agent.carrying(99);
        refused(Errno.EBADF, () -> platform.core.outgoing().freeze());
        agent.carrying();
        platform.core.outgoing().freeze().unfreeze();
    }

    @Test
    void socketsThatNoDoorTookAreClosedWithTheOthers() throws Exception {
        device.carrying(platform.open("socket"), platform.open("connection"));
        Platform successor = platform.successor();
        RecordingDoor late = new RecordingDoor("device", platform.journal);
        platform.update(successor);
        assertThat(platform.fds.openCount()).isEqualTo(4);
        successor.core.doors().close();
        assertThat(platform.fds.openCount()).isEqualTo(2);
        successor.core.doors().add(late);
        assertThat(late.sockets()).isEmpty();
        assertThat(platform.fds.strayCloses()).isZero();
    }

    @Test
    void aDoorThatComesLateTakesItsSockets() throws Exception {
        device.carrying(platform.open("socket"));
        Platform successor = platform.update(platform.successor());
        RecordingDoor late = door(successor, "device");
        assertThat(late.sockets()).hasSize(1);
        assertThat(platform.fds.name(late.sockets().getFirst())).isEqualTo("socket");
    }

    @Test
    void socketsThatNoDoorTookGoOnWithTheNextUpdate() throws Exception {
        device.carrying(platform.open("socket"));
        Platform second = platform.update(platform.successor());
        Platform third = platform.successor();
        RecordingDoor door = door(third, "device");
        second.update(third);
        assertThat(door.sockets()).hasSize(1);
        assertThat(platform.fds.name(door.sockets().getFirst())).isEqualTo("socket");
    }

    @Test
    void ifADoorDoesNotOpenServingFails() throws Exception {
        Platform successor = platform.successor();
        door(successor, "device").on(OPEN, 1).fails(Errno.EADDRINUSE);
        refused(Errno.EADDRINUSE, () -> successor.core.incoming().serve());
        assertThat(refused(Errno.EBUSY, () -> successor.core.incoming().serve()))
                .isInstanceOf(LuoException.Busy.class);
    }
}
