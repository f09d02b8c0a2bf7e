// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class SealedMemfdTest {
    private static ByteBuffer bytes(int... bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int each : bytes) {
            buffer.put((byte) each);
        }
        return buffer.flip();
    }

    private static void assertRefused(int fd, long most, String reason) {
        assertThatThrownBy(() -> SealedMemfd.read(fd, most, "a letter"))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG))
                .hasMessageContaining("a letter: " + reason);
    }

    @Test
    void itIsReadAsItWasWrittenAndCanNotBeWrittenAgain() throws LuoException {
        int fd = SealedMemfd.write("letter", bytes(1, 2, 3), bytes(4));
        assertThat(SealedMemfd.read(fd, 4, "a letter")).isEqualTo(bytes(1, 2, 3, 4));
        assertThatThrownBy(() -> FileIo.truncate(fd, 0))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
        assertRefused(fd, 3, "4 bytes");
        Fds.close(fd);
    }

    @Test
    void whatMayStillChangeOrIsSomethingElseIsRefused() throws LuoException {
        int open = Memfd.create("letter", Memfd.MFD_ALLOW_SEALING);
        assertRefused(open, 4, "not sealed");
        Fds.close(open);
        int device = FileIo.open(Path.of("/dev/null"), FileIo.O_RDONLY, 0);
        assertRefused(device, 4, "not a memfd");
        Fds.close(device);
        int empty = SealedMemfd.write("letter");
        assertRefused(empty, 4, "0 bytes");
        Fds.close(empty);
    }
}
