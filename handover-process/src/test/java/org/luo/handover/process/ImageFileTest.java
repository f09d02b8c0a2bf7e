// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

class ImageFileTest {
    @Test
    void itsPagesAreThereBeforeItIsWritten() throws LuoException {
        try (ImageFile file = ImageFile.create(1 << 20)) {
            assertThat(Stat.of(file.readOnlyFd()).blocks() * 512).isEqualTo(1 << 20);
        }
    }

    @Test
    void itCanBeSealedThoughItIsMapped() throws LuoException {
        byte[] bytes = {1, 2, 3};
        try (ImageFile file = ImageFile.create(4096);
                ImageView view = ImageView.of(Fds.duplicate(file.readOnlyFd()), 4096)) {
            file.write(ByteBuffer.wrap(bytes));
            assertThat(view.bytes(3)).isEqualTo(ByteBuffer.wrap(bytes));
            assertThat(Memfd.seals(file.readOnlyFd()))
                    .isEqualTo(Memfd.F_SEAL_SEAL | Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_WRITE);
        }
    }

    @Test
    void nobodyCanWriteItAfterwards() throws LuoException {
        try (ImageFile file = ImageFile.create(4096)) {
            file.write(ByteBuffer.allocate(100));
            Path path = Path.of("/proc/self/fd/" + file.readOnlyFd());
            int again = FileIo.open(path, FileIo.O_RDWR, 0);
            assertThatThrownBy(() -> FileIo.truncate(again, 50))
                    .isInstanceOfSatisfying(
                            LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
            Fds.close(again);
        }
    }

    @Test
    void moreThanItsCapacityIsWrittenAllTheSame() throws LuoException {
        byte[] bytes = new byte[10_001];
        bytes[10_000] = 7;
        bytes[4096] = 5;
        try (ImageFile file = ImageFile.create(4096);
                ImageView view = ImageView.of(Fds.duplicate(file.readOnlyFd()), 4096)) {
            file.write(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
            assertThat(view.bytes(bytes.length)).isEqualTo(ByteBuffer.wrap(bytes));
        }
    }

    @Test
    void aPartOfABufferIsWritten() throws LuoException {
        try (ImageFile file = ImageFile.create(4096);
                ImageView view = ImageView.of(Fds.duplicate(file.readOnlyFd()), 4096)) {
            file.write(ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2));
            assertThat(view.bytes(4)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 0, 0}));
        }
    }
}
