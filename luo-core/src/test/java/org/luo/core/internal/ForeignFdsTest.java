// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.spi.Flb.Preserved;
import org.luo.spi.PluginState;
import org.luo.testkit.RecordingHandler;

/** A plug-in that returns fds that are not its own harms nobody else's file. */
final class ForeignFdsTest {
    private static final int KEPT_FOR_A = 3;

    private Platform platform;
    private RecordingHandler memfd;
    private OutgoingSession vm1;

    @BeforeEach
    void aSessionWithAFile() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
        int fd = platform.open("a");
        vm1 = platform.session("vm1");
        vm1.preserve(fd, Token.of(1));
        platform.fds.close(fd);
        platform.fds.close(platform.open("a hole below"));
        assertThat(platform.core.sessions().holder(KEPT_FOR_A + 1)).hasToString("vm1/0x1");
    }

    private static PluginState state(int fd) {
        return PluginState.of(new byte[1], fd);
    }

    @ParameterizedTest
    @CsvSource({"4, EINVAL, kept for vm1/0x1", "0, EINVAL, a standard stream", "-1, EBADF, fd -1", "99, EBADF, fd 99"})
    void aStateWithThemIsRefusedAndTakenBack(int foreign, Errno errno, String why) throws Exception {
        int fd = platform.open("b");
        Platform.Snapshot before = platform.snapshot();
        memfd.on(PRESERVE, 1).returns(state(foreign));
        assertThat(refused(errno, () -> vm1.preserve(fd, Token.of(2)))).hasMessageContaining(why);
        assertThat(platform.journal.count(UNPRESERVE)).isEqualTo(1);
        assertThat(platform.snapshot()).isEqualTo(before);
        memfd.on(FREEZE, 1).returns(state(foreign));
        platform.preserve(vm1, "c", 2);
        if (foreign != KEPT_FOR_A + 1) {
            refused(errno, () -> platform.update(platform.successor("memfd")));
        }
        platform.update(platform.successor("memfd"));
    }

    @Test
    void anFdOfItsOwnMayGoWithTheState() throws Exception {
        int fd = platform.open("b");
        int own = platform.open("the handler's");
        memfd.on(PRESERVE, 1).returns(state(own));
        vm1.preserve(fd, Token.of(2));
        vm1.close();
        platform.assertHoldsNothing(fd, own);
    }

    @Test
    void anFlbsStateWithThemIsRefused() throws Exception {
        platform.flb("hugetlb").on(PRESERVE, 1).returns(new Preserved<>("object", state(KEPT_FOR_A + 1)));
        platform.add(new RecordingHandler("vfio", platform.journal, platform.fds).needing("hugetlb-v1"));
        memfd.accepting(file -> false);
        OutgoingSession vm2 = platform.session("vm2");
        assertThat(refused(Errno.EINVAL, () -> platform.preserve(vm2, "b", 1)))
                .hasMessageContaining("state of flb hugetlb-v1 returned fd 4, which is kept for vm1/0x1");
        platform.preserve(vm2, "b", 1);
    }

    @Test
    void whatIsRetrievedAndAnothersIsNotClosed() throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform next = platform.successor();
        RecordingHandler there = next.handler("memfd");
        platform.update(next);
        IncomingSession session = next.retrieve("vm1");
        int first = session.retrieve(Token.of(1));
        String open = next.fds.toString();
        int kept = (int) next.core.sessions().incoming().getFirst().files().stream()
                .filter(file -> file.phase() == FileInfo.Phase.RETRIEVED)
                .flatMap(file -> file.record.carried().state().fds().stream())
                .findFirst()
                .orElseThrow();
        there.on(RETRIEVE, 1).returns(kept);
        assertThat(refused(Errno.EINVAL, () -> session.retrieve(Token.of(2))))
                .hasMessageContaining("returned fd " + kept + ", which is kept for vm1/0x1");
        assertThat(next.fds).hasToString(open);
        session.close();
        next.assertHoldsNothing(first);
    }

    @Test
    void aClosedFdThatIsRetrievedIsRefusedAndNotClosed() throws Exception {
        Platform next = platform.successor();
        RecordingHandler there = next.handler("memfd");
        platform.update(next);
        IncomingSession session = next.retrieve("vm1");
        there.on(RETRIEVE, 1).returns(77);
        refused(Errno.EBADF, () -> session.retrieve(Token.of(1)));
        session.close();
        next.assertHoldsNothing();
    }
}
