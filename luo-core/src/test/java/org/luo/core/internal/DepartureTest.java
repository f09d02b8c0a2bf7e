// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.UNFREEZE;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.FileInfo.Phase;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.handover.Frozen;
import org.luo.spi.PluginState;
import org.luo.testkit.RecordingDoor;
import org.luo.testkit.RecordingHandler;

/** Freezing, and how it is taken back: the order is the one seen on a kernel. */
final class DepartureTest {
    private Platform platform;
    private RecordingHandler memfd;

    @BeforeEach
    void threeSessions() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
        platform.session("s1", "1", "2");
        platform.session("s2", "6", "3");
        platform.session("s3", "4", "5");
    }

    @Test
    void sessionsAreFrozenInOrderOfCreationAndFilesInOrderOfPreservation() throws Exception {
        Frozen frozen = platform.core.outgoing().freeze();
        assertThat(platform.journal.lines(FREEZE, UNFREEZE)).containsExactly(freeze("1", "2", "6", "3", "4", "5"));
        assertThat(frozen.sessions()).isEqualTo(3);
        assertThat(frozen.files()).isEqualTo(6);
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.phase())
                .containsOnly(Phase.FROZEN);
        frozen.unfreeze();
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.phase())
                .containsOnly(Phase.PRESERVED);
    }

    @Test
    void aWholeFreezeIsTakenBackSessionBySessionLatestFirstEachInOrder() throws Exception {
        Frozen frozen = platform.core.outgoing().freeze();
        platform.journal.clear();
        frozen.unfreeze();
        assertThat(platform.journal.lines()).containsExactly(unfreeze("4'", "5'", "6'", "3'", "1'", "2'"));
    }

    @Test
    void whenAFreezeFailsWhatWasFrozenIsUnfrozenAndLaterSessionsAreLeftAlone() throws Exception {
        memfd.on(FREEZE, 4).fails(Errno.EIO);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EIO, () -> platform.update(platform.successor("memfd")));
        assertThat(platform.journal.lines(FREEZE, UNFREEZE))
                .containsExactly(concat(freeze("1", "2", "6", "3"), unfreeze("6'", "1'", "2'")));
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void theStateThatAFreezeReturnedIsKeptWhenItIsTakenBack() throws Exception {
        memfd.on(FREEZE, 4).fails(Errno.EIO);
        refused(Errno.EIO, () -> platform.core.outgoing().freeze());
        platform.journal.clear();
        platform.core.outgoing().freeze().unfreeze();
        assertThat(platform.journal.lines(FREEZE)).containsExactly(freeze("1'", "2'", "6'", "3", "4", "5"));
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly(unfreeze("4'", "5'", "6''", "3'", "1''", "2''"));
    }

    @Test
    void aLaterUpdateWorks() throws Exception {
        memfd.on(FREEZE, 1).fails(Errno.EIO);
        refused(Errno.EIO, () -> platform.update(platform.successor("memfd")));
        OutgoingSession s4 = platform.session("s4");
        platform.preserve(s4, "7", 1);
        s4.close();
        Platform successor = platform.update(platform.successor("memfd"));
        int fd = successor.retrieve("s2").retrieve(Token.of(2));
        assertThat(platform.fds.name(fd)).isEqualTo("3");
        assertThat(successor.orchestrator.liveUpdates()).isEqualTo(1);
    }

    @Test
    void anErrorInAFreezeIsTakenBackToo() throws Exception {
        memfd.on(FREEZE, 2).throwing(new OutOfMemoryError("made up"));
        refused(Errno.EIO, () -> platform.core.outgoing().freeze());
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly(unfreeze("1'"));
    }

    @Test
    void aFileThatIsFrozenWithABadFdIsUnfrozenWithWhatItReturned() throws Exception {
        memfd.on(FREEZE, 4).returns(PluginState.of("bad".getBytes(UTF_8), 77));
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EBADF, () -> platform.core.outgoing().freeze());
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly(unfreeze("bad", "6'", "1'", "2'"));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.journal.clear();
        platform.core.outgoing().freeze().unfreeze();
        assertThat(platform.journal.lines(FREEZE)).containsExactly(freeze("1'", "2'", "6'", "3", "4", "5"));
    }

    @Test
    void whenADoorFailsTheDoorsBeforeItAreUnfrozenAndNoFileWasFrozen() throws Exception {
        RecordingDoor device = new RecordingDoor("device", platform.journal);
        RecordingDoor agent = new RecordingDoor("agent", platform.journal);
        platform.core.doors().add(device);
        platform.core.doors().add(agent);
        platform.journal.clear();
        agent.on(FREEZE, 1).fails(Errno.EAGAIN);
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EAGAIN, () -> platform.update(platform.successor("memfd")));
        assertThat(platform.journal.lines()).containsExactly("device.freeze", "agent.freeze", "device.unfreeze");
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.update(platform.successor("memfd"));
    }

    @Test
    void doorsAreFrozenBeforeTheFilesAndUnfrozenAfterThem() throws Exception {
        platform.core.doors().add(new RecordingDoor("device", platform.journal));
        platform.journal.clear();
        memfd.on(FREEZE, 2).fails(Errno.EIO);
        refused(Errno.EIO, () -> platform.core.outgoing().freeze());
        assertThat(platform.journal.lines())
                .containsExactly(concat(new String[] {"device.freeze"}, freeze("1", "2"), unfreeze("1'"), new String[] {
                    "device.unfreeze"
                }));
    }

    @Test
    void anImageThatIsTooLongIsTakenBack() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        platform.core.departure().longestImage = 900;
        refused(Errno.EFBIG, () -> platform.update(platform.successor("memfd")));
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly(unfreeze("4'", "5'", "6'", "3'", "1'", "2'"));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.core.departure().longestImage = 1600;
        platform.update(platform.successor("memfd"));
    }

    @Test
    void aStateMayBeLongerThanWasGuessed() throws Exception {
        memfd.on(FREEZE, 4).returns(PluginState.of(new byte[1 << 20]));
        Platform successor = platform.update(platform.successor("memfd"));
        assertThat(successor.orchestrator.files())
                .extracting(file -> file.stateBytes())
                .containsExactly(2, 2, 2, 1 << 20, 2, 2);
    }

    @Test
    void aFreezeCallbackCannotChangeSessions() throws Exception {
        int fd = platform.open("8");
        OutgoingSession s4 = platform.session("s4", "7");
        Platform.Snapshot before = platform.snapshot();
        memfd.on(FREEZE, 4).runs(() -> {
            refused(Errno.EDEADLK, () -> platform.session("s5"));
            refused(Errno.EDEADLK, () -> s4.preserve(fd, Token.of(2)));
            refused(Errno.EDEADLK, () -> s4.unpreserve(Token.of(1)));
            refused(Errno.EDEADLK, s4::close);
            refused(Errno.EDEADLK, () -> platform.retrieve("s1"));
            refused(Errno.EDEADLK, () -> platform.core.outgoing().freeze());
        });
        platform.core.outgoing().freeze().unfreeze();
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void whoHasFrozenCannotFreezeAgain() throws Exception {
        Frozen frozen = platform.core.outgoing().freeze();
        refused(Errno.EDEADLK, () -> platform.core.outgoing().freeze());
        frozen.unfreeze();
        assertThatThrownBy(frozen::unfreeze).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> frozen.relinquish("nobody")).isInstanceOf(IllegalStateException.class);
        platform.update(platform.successor("memfd"));
    }

    @Test
    void aHandlerThatLeavesWhileFrozenUnfreezesAllTheSame() throws Exception {
        Frozen frozen = platform.core.outgoing().freeze();
        platform.core.handlers().remove(memfd);
        frozen.unfreeze();
        assertThat(platform.journal.lines(UNFREEZE)).hasSize(6);
        refused(Errno.EAGAIN, () -> platform.core.outgoing().freeze());
        platform.add(memfd);
        platform.update(platform.successor("memfd"));
    }

    @Test
    void anOrphanIsNamedAndNothingIsFrozen() throws Exception {
        platform.core.handlers().remove(memfd);
        assertThat(refused(Errno.EAGAIN, () -> platform.core.outgoing().freeze()))
                .hasMessageContaining("s1/0x1, s1/0x2, s2/0x1, s2/0x2, s3/0x1, s3/0x2");
        assertThat(platform.journal.lines(FREEZE)).isEmpty();
        platform.add(memfd);
        platform.update(platform.successor("memfd"));
    }

    private static String[] freeze(String... files) {
        return Stream.of(files).map(file -> "memfd.freeze " + file).toArray(String[]::new);
    }

    private static String[] unfreeze(String... files) {
        return Stream.of(files).map(file -> "memfd.unfreeze " + file).toArray(String[]::new);
    }

    private static String[] concat(String[]... parts) {
        return Stream.of(parts).flatMap(Stream::of).toArray(String[]::new);
    }
}
