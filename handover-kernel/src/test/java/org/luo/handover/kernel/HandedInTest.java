// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.kernel.Identified.Kind;
import org.luo.linux.EventFd;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;
import org.luo.testkit.NoFdLeft;

/** What a service manager hands in is hostile until the kernel has said what it is. With the real one: run.sh kexec. */
@ExtendWith(NoFdLeft.class)
class HandedInTest {
    private static final long OWN = ProcessHandle.current().pid();

    @TempDir
    private Path root;

    private MachineFiles files;
    private HandedIn handedIn;

    @BeforeEach
    void machine() throws Exception {
        // /dev/null has the number that the live update device would have: only its answers tell
        files = MachineFiles.ready(root).with("sys/class/misc/liveupdate/dev", "1:3\n");
        handedIn = new HandedIn(fd -> Identified.of(fd, files.machine()));
    }

    private String whyNot(boolean creating) {
        return catchThrowableOfType(NotThisWay.class, () -> handedIn.require(creating))
                .getMessage();
    }

    private void foreign(int fd, String what) {
        try {
            handedIn.add(fd);
            assertThat(whyNot(true)).contains("fd " + fd).contains(what);
            assertThat(handedIn.fds()).isEmpty();
            assertThat(Fds.isOpen(fd)).as("it is left alone").isTrue();
        } finally {
            Fds.close(fd);
        }
    }

    @Test
    void whatIsNeitherDeviceNorSessionIsLeftAloneAndSaid() throws Exception {
        foreign(Memfd.create("a\u0007b", 0), "is /memfd:a?b");
        foreign(EventFd.create().fd(), "anon_inode:[eventfd]");
        foreign(FileIo.open(Path.of("/dev/zero"), FileIo.O_RDWR, 0), "character device 1:5");
        foreign(FileIo.open(Path.of("/dev/null"), FileIo.O_PATH, 0), "O_PATH");
        foreign(FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0), "1:3 that does not answer as the live update");
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            foreign(Fds.duplicate(pair.one().fd()), "socket:[");
        }
        handedIn.add(19_999);
        assertThat(whyNot(true)).contains("fd 19999");
    }

    @Test
    void aFileOnADiskCalledLikeASessionIsNone() throws Exception {
        int fd = FileIo.open(root.resolve("anon_inode:[luo_session] org.luo"), FileIo.O_RDWR | 0100, 0600);
        foreign(fd, "neither a kernel session nor the live update device");
    }

    @Test
    void withoutADeviceNothingCanBeIt() throws Exception {
        handedIn = new HandedIn(fd -> Identified.of(fd, new Machine(root.resolve("nothing"))));
        foreign(FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0), "device, which is not there");
    }

    @Test
    void whatIsMeantForAnotherProcessOrNameIsNothing() {
        handedIn.take(Map.of(), OWN);
        handedIn.take(Map.of("LISTEN_PID", "1", "LISTEN_FDS", "1", "LISTEN_FDNAMES", "luo"), OWN);
        handedIn.take(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "0", "LISTEN_FDNAMES", ""), OWN);
        handedIn.take(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "1"), OWN);
        assertThat(whyNot(false)).isEqualTo("the service manager has handed in nothing called luo");
    }

    @Test
    void variablesThatContradictThemselvesAreRefusedWhole() {
        handedIn.take(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "luo"), OWN);
        handedIn.take(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "many"), OWN);
        handedIn.take(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "-1"), OWN);
        handedIn.take(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "1000000"), OWN);
        assertThat(whyNot(true))
                .contains("LISTEN_FDNAMES has 1 name for 2 LISTEN_FDS")
                .contains("LISTEN_FDS is no number")
                .contains("LISTEN_FDS=-1")
                .contains("set flags of fd");
    }

    private HandedIn with(Kind... kinds) throws LuoException {
        HandedIn all =
                new HandedIn(fd -> new Identified(fd, kinds[handedIn.fds().size()], "org.luo"));
        handedIn = all;
        for (Kind _ : kinds) {
            all.add(EventFd.create().fd());
        }
        return all;
    }

    @Test
    void aSessionIsUsedOnceAndForItsDirectionOnly() throws Exception {
        HandedIn all = with(Kind.INCOMING, Kind.OUTGOING);
        int incoming = all.fds().get(0);
        int outgoing = all.fds().get(1);
        assertThat(all.canAsk()).isFalse();
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> all.createSession("org.luo.check"))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThat(all.retrieveSession(KernelSession.NAME)).isEqualTo(incoming);
        assertThat(whyNot(false)).contains("outgoing, is of no use for this");
        assertThat(all.createSession(KernelSession.NAME)).isEqualTo(outgoing);
        assertThat(whyNot(true)).endsWith("nothing called luo");
        Fds.close(incoming);
        Fds.close(outgoing);
    }

    @Test
    void aSessionThatIsReadyForAKexecIsOfNoUse() throws Exception {
        with(Kind.SPENT);
        assertThat(whyNot(true)).contains("ready for a kexec that has not happened, is of no use");
        handedIn.close();
    }

    @Test
    void theDeviceServesForBothAndGoesToTheSuccessor() throws Exception {
        HandedIn predecessor = with(Kind.DEVICE);
        HandedOn door = new HandedOn(predecessor);
        door.open(Optional.empty());
        var state = door.freeze();
        door.unfreeze();
        HandedIn successor = new HandedIn(fd -> new Identified(fd, Kind.DEVICE, ""));
        new HandedOn(successor)
                .open(Optional.of(new org.luo.spi.PluginState(
                        state.data(), List.of(Fds.duplicate(state.fds().getFirst())))));
        door.close();
        assertThat(predecessor.fds()).isEmpty();
        successor.require(true);
        successor.require(false);
        assertThat(successor.canAsk()).isTrue();
        assertThat(successor.name()).matches("handed in by the service manager: fd \\d+, the device");
        successor.close();
    }
}
