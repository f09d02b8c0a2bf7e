// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;

/** That nothing but a kernel is loaded. That a kernel is, and booted, is shown in a virtual machine. */
class KexecTest {
    @Test
    void whatIsNoKernelIsRefused() throws Exception {
        int fd = Memfd.create("no kernel", 0);
        try {
            FileIo.truncate(fd, 4096);
            assertThatExceptionOfType(LuoException.class)
                    .isThrownBy(() -> Kexec.load(fd, -1, "quiet"))
                    .satisfies(e -> assertThat(e.errno())
                            .as(e.getMessage())
                            .isIn(Errno.ENOEXEC, Errno.EPERM, Errno.ENOSYS, Errno.EACCES, Errno.EINVAL));
        } finally {
            Fds.close(fd);
        }
    }
}
