// SPDX-License-Identifier: Apache-2.0
package org.luo.linux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;

class LinuxFileDescriptorsTest {
    private final LinuxFileDescriptors descriptors = new LinuxFileDescriptors();

    @Test
    void aDuplicateAndAnFdOpenedAnewAreTheSameFile() throws Exception {
        int fd = Memfd.create("one", 0);
        int duplicate = descriptors.duplicate(fd);
        int opened = FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDONLY, 0);
        int other = Memfd.create("two", 0);
        assertThat(descriptors.identity(duplicate)).isEqualTo(descriptors.identity(fd));
        assertThat(descriptors.identity(opened)).isEqualTo(descriptors.identity(fd));
        assertThat(descriptors.identity(other)).isNotEqualTo(descriptors.identity(fd));
        for (int each : new int[] {fd, duplicate, opened, other}) {
            descriptors.close(each);
            assertThat(Fds.isOpen(each)).isFalse();
        }
    }

    @Test
    void whatIsNotOpenIsABadFd() {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> descriptors.identity(-1))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> descriptors.duplicate(-1))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        descriptors.close(-1);
    }
}
