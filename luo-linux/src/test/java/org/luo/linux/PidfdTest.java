// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.linux.Failing.assertFails;

import java.lang.ProcessBuilder.Redirect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class PidfdTest {
    @Test
    void aProcessIsSeenToDie() throws Exception {
        Process sleep = sleep();
        try (Pidfd pidfd = Pidfd.open(sleep.pid())) {
            assertThat(pidfd.pid()).isEqualTo(sleep.pid());
            assertThat(pidfd.isDead()).isFalse();
            assertThat(pidfd.awaitDeath(20)).isFalse();
            pidfd.kill(0);
            pidfd.kill(Pidfd.SIGKILL);
            assertThat(pidfd.awaitDeath(10_000)).isTrue();
            assertThat(pidfd.isDead()).isTrue();
            assertThat(sleep.waitFor()).isEqualTo(128 + Pidfd.SIGKILL);
            assertFails(Errno.ESRCH, "process " + sleep.pid(), () -> pidfd.kill(Pidfd.SIGTERM));
        } finally {
            sleep.destroyForcibly().waitFor();
        }
        assertFails(Errno.ESRCH, "open process " + sleep.pid(), () -> Pidfd.open(sleep.pid()));
    }

    @Test
    void aNumberThatNoProcessCanHaveIsInvalid() {
        assertFails(Errno.EINVAL, "open process 0", () -> Pidfd.open(0));
        assertFails(Errno.EINVAL, "open process -1", () -> Pidfd.open(-1));
    }

    @Test
    void aFileOfAProcessIsDuplicatedAsTheSameOpenFile() throws Exception {
        int file = Memfd.create("theirs", 0);
        try (Pidfd self = Pidfd.open(ProcessHandle.current().pid())) {
            int copy = self.duplicate(file);
            assertThat(copy).isNotEqualTo(file);
            assertThat(Stat.of(copy).inode()).isEqualTo(Stat.of(file).inode());
            assertThat(Fds.isCloexec(copy)).isTrue();
            FileIo.seek(file, 17, FileIo.SEEK_SET);
            assertThat(FileIo.position(copy)).isEqualTo(17);
            Fds.close(copy);
            assertFails(Errno.EBADF, "duplicate fd " + copy + " of process", () -> self.duplicate(copy));
            assertFails(Errno.EBADF, "duplicate fd -1", () -> self.duplicate(-1));
        } finally {
            Fds.close(file);
        }
    }

    @Test
    void onceClosedItKnowsNothing() throws Exception {
        Pidfd pidfd = Pidfd.open(ProcessHandle.current().pid());
        pidfd.close();
        pidfd.close();
        assertFails(Errno.EBADF, "closed", pidfd::isDead);
        assertFails(Errno.EBADF, "send signal 0", () -> pidfd.kill(0));
    }

    private static Process sleep() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60")
                .redirectInput(Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        return sleep;
    }
}
