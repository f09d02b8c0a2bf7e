// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CROSSED_KERNEL;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.OPEN;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNFREEZE;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.handover.FileName;
import org.luo.handover.Passenger;
import org.luo.handover.PassengerList;
import org.luo.handover.Substitute;
import org.luo.spi.Subsystem;
import org.luo.spi.Verdict;
import org.luo.testkit.InMemoryHandover;
import org.luo.testkit.RecordingDoor;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** A kexec: files come back as others, sockets not at all, and what can't cross is left behind by name or refused. */
final class KernelCrossingTest {
    private Platform platform;
    private Platform successor;

    @BeforeEach
    void twoSessions() throws Exception {
        platform = Platform.serving();
        platform.add(crossing("memfd", platform).accepting(file -> !file.matches("[nv].*")));
        platform.add(
                new RecordingHandler("vfio", platform.journal, platform.fds).accepting(file -> file.startsWith("v")));
        platform.session("one", "a", "b");
        platform.session("two", "c");
        successor = platform.successor();
        successor.add(crossing("memfd", successor));
        successor.handler("left");
    }

    private static RecordingHandler crossing(String name, Platform of) {
        return new RecordingHandler(name, of.journal, of.fds).crossingKernels();
    }

    private InMemoryHandover kexec(Map<FileName, Substitute> left) {
        return platform.to(successor).withoutPreflight().anew(platform.fds, left);
    }

    private static FileName name(String session, long token) throws Exception {
        return new FileName(SessionName.of(session), Token.of(token));
    }

    @Test
    void everyFileIsShownToItsHandlerOnceAndRetrievedAsThatLeavesIt() throws Exception {
        platform.update(kexec(Map.of()));
        assertThat(platform.journal.lines(CROSSED_KERNEL))
                .containsExactly("memfd.crossedKernel a'", "memfd.crossedKernel b'", "memfd.crossedKernel c'");
        int fd = successor.retrieve("one").retrieve(Token.of(2));
        assertThat(platform.journal.lines(RETRIEVE)).containsExactly("memfd.retrieve b'^");
        assertThat(platform.fds.name(fd)).isEqualTo("b");
    }

    @Test
    void unclaimedSessionsGoOnAfterwardsAsIfTheyHadBeenFrozenHere() throws Exception {
        platform.update(kexec(Map.of()));
        Platform third = successor.update(successor.successor("memfd"));
        third.retrieve("two").retrieve(Token.of(1));
        assertThat(platform.journal.lines(CROSSED_KERNEL)).hasSize(3);
        assertThat(platform.journal.lines(RETRIEVE)).containsExactly("memfd.retrieve c'^");
    }

    @Test
    void aFileThatIsNotWhatWasFrozenRefusesAllOfThem() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        Platform other = platform.successor();
        other.add(crossing("memfd", platform)).on(CROSSED_KERNEL, 2).fails(Errno.EBADMSG);
        refused(
                Errno.EBADMSG,
                () -> platform.update(platform.to(other).withoutPreflight().anew(platform.fds, Map.of())));
        assertThat(other.orchestrator.sessions()).isEmpty();
        assertThat(other.pins.pinned()).isEmpty();
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void whatCannotCrossIsRefusedByNameAndUnfrozen() throws Exception {
        platform.session("three", "v1", "v2");
        assertThat(refused(Errno.EOPNOTSUPP, () -> platform.update(kexec(Map.of()))))
                .hasMessageContaining("three/0x1 (its handler does not know")
                .hasMessageContaining("three/0x2 (")
                .hasMessageNotContaining("one/");
        assertThat(platform.journal.count(UNFREEZE)).isEqualTo(platform.journal.count(FREEZE));
        assertThat(successor.orchestrator.sessions()).isEmpty();
    }

    @Test
    void whatIsLeftBehindHasSomethingElseInItsPlace() throws Exception {
        platform.session("three", "v1", "d");
        Substitute substitute = new Substitute(Compatible.of("left-v1"), "gone".getBytes());
        platform.update(kexec(Map.of(name("three", 1), substitute, name("nobody", 9), substitute)));
        var session = successor.retrieve("three");
        session.retrieve(Token.of(2));
        session.retrieve(Token.of(1));
        assertThat(platform.journal.lines(RETRIEVE)).containsExactly("memfd.retrieve d'^", "left.retrieve gone");
    }

    @Test
    void aListOfPassengersSaysWhatEachHandlerThinks() throws Exception {
        platform.session("three", "v1");
        try (PassengerList list = platform.core.outgoing().passengers()) {
            assertThat(list.passengers())
                    .extracting(passenger -> passenger.name().toString())
                    .containsExactly("one/0x1", "one/0x2", "two/0x1", "three/0x1");
            assertThat(list.passengers())
                    .extracting(Passenger::acrossKernel)
                    .startsWith(Verdict.yes(), Verdict.yes(), Verdict.yes())
                    .last()
                    .matches(verdict -> !verdict.ok());
        }
    }

    @Test
    void anFlbWithoutFilesCrossesWithTheFilesThatNeedIt() throws Exception {
        platform.flb("numa");
        platform.add(crossing("numafd", platform).needing("numa-v1"));
        platform.session("three", "n");
        successor.flb("numa");
        successor.add(crossing("numafd", successor).needing("numa-v1"));
        platform.update(kexec(Map.of()));
        assertThat(successor.orchestrator.flbs()).singleElement().matches(flb -> flb.incoming() == 1);
    }

    @Test
    void anFlbThatHasOpenFilesStaysBehindWithTheFilesThatNeedItOrRefuses() throws Exception {
        platform.add(new RecordingFlb("numa", platform.journal).carrying(platform.open("pool")));
        platform.add(crossing("numafd", platform).needing("numa-v1"));
        platform.session("three", "n");
        assertThat(refused(Errno.EOPNOTSUPP, () -> platform.update(kexec(Map.of()))))
                .hasMessageContaining("flb numa-v1 (it has open files)");
        platform.update(kexec(Map.of(name("three", 1), new Substitute(Compatible.of("left-v1"), new byte[0]))));
        assertThat(successor.orchestrator.flbs()).isEmpty();
    }

    @Test
    void doorsComeBackWithTheirBytesOrNotAtAll() throws Exception {
        int socket = platform.open("socket");
        platform.core
                .doors()
                .add(new RecordingDoor("agent", platform.journal)
                        .carrying(socket)
                        .crossingKernels());
        platform.core.doors().add(new RecordingDoor("device", platform.journal).carrying(socket));
        platform.journal.clear();
        successor.core.doors().add(new RecordingDoor("agent", platform.journal));
        successor.core.doors().add(new RecordingDoor("device", platform.journal));
        platform.update(kexec(Map.of()));
        assertThat(platform.journal.lines(OPEN)).containsExactly("agent.open with 0", "device.open cold");
    }

    @Test
    void aSubsystemThatHasOpenFilesRefuses() throws Exception {
        platform.subsystem("switch", Subsystem.Kind.GLOBAL).carrying(platform.open("tap"));
        assertThat(refused(Errno.EOPNOTSUPP, () -> platform.update(kexec(Map.of()))))
                .hasMessageContaining("subsystem switch (it has open files)");
    }
}
