// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.testkit.NoFdLeft;

/** That calls which can't succeed here say so; that those which can do is shown in a virtual machine. */
@ExtendWith(NoFdLeft.class)
class LiveUpdateTest {
    private static void refused(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }

    @Test
    void aDeviceThatIsNotThere() {
        refused(Errno.ENOENT, () -> LiveUpdate.open(Path.of("/dev/no-such-device")));
    }

    @Test
    void anFdThatIsNoDeviceOrSession() throws Exception {
        int fd = Memfd.create("no session", 0);
        try {
            refused(Errno.ENOTTY, () -> LiveUpdate.createSession(fd, new byte[] {'a'}));
            refused(Errno.ENOTTY, () -> LiveUpdate.retrieveSession(fd, new byte[] {'a'}));
            refused(Errno.ENOTTY, () -> LiveUpdate.preserve(fd, fd, 1));
            refused(Errno.ENOTTY, () -> LiveUpdate.retrieve(fd, 1));
            refused(Errno.ENOTTY, () -> LiveUpdate.finish(fd));
        } finally {
            Fds.close(fd);
        }
        refused(Errno.EBADF, () -> LiveUpdate.finish(19999));
    }

    @Test
    void aNameThatFitsNoSession() {
        refused(Errno.EINVAL, () -> LiveUpdate.createSession(19999, new byte[0]));
        refused(Errno.EINVAL, () -> LiveUpdate.createSession(19999, new byte[64]));
        refused(Errno.EBADF, () -> LiveUpdate.createSession(19999, new byte[63]));
    }
}
