// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.luo.core.internal.Platform.refused;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.HandlerVerdict;
import org.luo.LiveUpdateState;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.spi.Verdict;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingHandler;

/** What an administrator can do and see, beyond the kernel's interface. */
final class AdministrationTest {
    private Platform platform;
    private RecordingHandler memfd;

    @BeforeEach
    void aSession() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
        platform.session("vm1", "a", "b");
    }

    @Test
    void oneFileOfSomebodyElsesSessionIsLetGo() throws Exception {
        platform.orchestrator.unpreserve(name("vm1"), Token.of(1));
        assertThat(platform.orchestrator.files())
                .extracting(file -> file.token() + " of " + file.bundle())
                .containsExactly("0x2 of org.luo.memfd [10]");
        refused(Errno.ENOENT, () -> platform.orchestrator.unpreserve(name("vm1"), Token.of(1)));
        refused(Errno.ENOENT, () -> platform.orchestrator.unpreserve(name("vm2"), Token.of(1)));
    }

    private static SessionName name(String name) throws Exception {
        return SessionName.of(name);
    }

    @Test
    void anUnclaimedSessionIsDroppedAndAClaimedOneIsBusy() throws Exception {
        platform.session("vm2", "c");
        Platform successor = platform.update(platform.successor("memfd"));
        refused(Errno.ENOENT, () -> successor.orchestrator.drop(name("vm3")));
        var vm1 = successor.retrieve("vm1");
        refused(Errno.EBUSY, () -> successor.orchestrator.drop(name("vm1")));
        successor.orchestrator.drop(name("vm2"));
        refused(Errno.ENOENT, () -> successor.retrieve("vm2"));
        vm1.close();
        successor.assertHoldsNothing();
        assertThat(successor.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }

    @Test
    void aSessionThatCannotBeDroppedCanBeRetrieved() throws Exception {
        Platform successor = platform.successor();
        RecordingHandler there = successor.handler("memfd");
        platform.update(successor);
        there.on(Callback.CAN_FINISH, 1).returns(Verdict.no("in use"));
        refused(Errno.EBUSY, () -> successor.orchestrator.drop(name("vm1")));
        successor.retrieve("vm1").close();
        successor.assertHoldsNothing();
    }

    @Test
    void everyHandlerSaysWhatItThinksOfAFileAndNothingIsPreserved() throws Exception {
        RecordingHandler vfio = platform.handler("vfio");
        memfd.on(Callback.CAN_PRESERVE).returns(Verdict.no("not a memfd"));
        vfio.on(Callback.CAN_PRESERVE).throwing(new IllegalStateException("made up"));
        int fd = platform.open("c");
        Platform.Snapshot before = platform.snapshot();
        assertThat(platform.orchestrator.check(fd))
                .extracting(HandlerVerdict::takes, HandlerVerdict::bundle)
                .containsExactly(tuple(false, "org.luo.memfd [10]"), tuple(false, "org.luo.vfio [11]"));
        assertThat(platform.orchestrator.check(fd).getFirst().reason()).isEqualTo("not a memfd");
        vfio.behave();
        assertThat(platform.orchestrator.check(fd).getLast().takes()).isTrue();
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.fds.close(fd);
        refused(Errno.EBADF, () -> platform.orchestrator.check(fd));
    }

    @Test
    void aSuccessorIsCheckedWithoutFreezing() throws Exception {
        Platform able = platform.successor("memfd");
        platform.offer(platform.to(able));
        platform.orchestrator.checkSuccessor("memory", Map.of());
        platform.offer(platform.to(platform.successor()));
        refused(Errno.ENOENT, () -> platform.orchestrator.checkSuccessor("memory", Map.of()));
        refused(Errno.EOPNOTSUPP, () -> platform.orchestrator.checkSuccessor("kernel", Map.of()));
        assertThat(platform.journal.count(Callback.FREEZE)).isZero();
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        platform.orchestrator.prepare();
        platform.offer(platform.to(able));
        platform.orchestrator.checkSuccessor("memory", Map.of());
        platform.orchestrator.freeze();
        refused(Errno.EINVAL, () -> platform.orchestrator.checkSuccessor("memory", Map.of()));
        platform.orchestrator.cancel();
    }

    @Test
    void whenSwitchedOffEveryCallIsNotSupportedAndTheStateIsNormal() throws Exception {
        Platform off = platform.successor("memfd");
        off.core.switchOff();
        int fd = off.open("x");
        refused(Errno.EOPNOTSUPP, () -> off.session("vm1"));
        refused(Errno.EOPNOTSUPP, () -> off.retrieve("vm1"));
        refused(Errno.EOPNOTSUPP, off.orchestrator::prepare);
        refused(Errno.EOPNOTSUPP, off.orchestrator::freeze);
        refused(Errno.EOPNOTSUPP, off.orchestrator::cancel);
        refused(Errno.EOPNOTSUPP, off.orchestrator::finish);
        refused(Errno.EOPNOTSUPP, () -> off.orchestrator.check(fd));
        refused(Errno.EOPNOTSUPP, () -> off.orchestrator.unpreserve(name("vm1"), Token.of(1)));
        refused(Errno.EOPNOTSUPP, () -> off.orchestrator.drop(name("vm1")));
        refused(Errno.EOPNOTSUPP, () -> off.update(platform));
        assertThat(off.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        refused(Errno.EOPNOTSUPP, () -> platform.update(off));
        OutgoingSession vm2 = platform.session("vm2");
        vm2.close();
    }
}
