// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.testkit.NoFdLeft;

/** What a file still has once it has crossed, and what is not taken for it. */
@ExtendWith(NoFdLeft.class)
class RetrieveTest {
    private final MemfdHandler handler = new MemfdHandler();
    private final Scratch scratch = new Scratch();

    @AfterEach
    void close() {
        scratch.close();
    }

    @Test
    void contentsWrittenUntilTheFreezeAreThere() throws Exception {
        int fd = scratch.memfd(0);
        Scratch.write(fd, "before preserve", 0);
        PluginState state = handler.preserve(fd);
        Scratch.write(fd, "after preserve", 1L << 33);
        int back = cross(fd, state);
        assertThat(Scratch.read(back, 0)).isEqualTo("before preserve");
        assertThat(Scratch.read(back, 1L << 33)).isEqualTo("after preserve");
        assertThat(Stat.of(back).blocks()).isEqualTo(16);
    }

    @Test
    void positionAccessModeAndFlagsAreThere() throws Exception {
        int fd = scratch.reopen(scratch.memfd(0), FileIo.O_WRONLY | FileIo.O_APPEND);
        Scratch.write(fd, "0123456789", 0);
        FileIo.seek(fd, 7, FileIo.SEEK_SET);
        int flags = Fds.statusFlags(fd);
        int back = cross(fd, handler.preserve(fd));
        assertThat(FileIo.position(back)).isEqualTo(7);
        assertThat(Fds.statusFlags(back)).isEqualTo(flags);
        assertThat(flags & FileIo.O_ACCMODE).isEqualTo(FileIo.O_WRONLY);
    }

    @Test
    void aNoexecSealedFileKeepsModeAndSealsAndStaysWritable() throws Exception {
        int fd = scratch.memfd(Memfd.MFD_NOEXEC_SEAL);
        int back = cross(fd, handler.preserve(fd));
        assertThat(Stat.of(back).mode()).isEqualTo(0100666);
        assertThat(Memfd.seals(back)).isEqualTo(Memfd.F_SEAL_EXEC);
        Scratch.write(back, "still writable", 0);
    }

    @Test
    void unlinkedFilesComeBackAsWhatTheyWere() throws Exception {
        for (int fd : new int[] {scratch.unlinked(), scratch.tmpfile()}) {
            Stat before = Stat.of(fd);
            assertThat(Stat.of(cross(fd, handler.preserve(fd)))).isEqualTo(before);
        }
    }

    @Test
    void anEmptyFileComesBack() throws Exception {
        int fd = scratch.memfd(0);
        assertThat(Stat.of(cross(fd, handler.preserve(fd))).size()).isZero();
    }

    @Test
    void aPositionThatSomebodyMovedMeanwhileStays() throws Exception {
        int fd = scratch.memfd(0);
        int shared = scratch.keep(Fds.duplicate(fd));
        PluginState frozen = handler.freeze(fd, handler.preserve(fd));
        FileIo.seek(shared, 99, FileIo.SEEK_SET);
        int back = handler.retrieve(handler.compatible(), moved(frozen, scratch.handOver(fd)));
        assertThat(FileIo.position(back)).isEqualTo(99);
    }

    @Test
    void finishingLeavesTheFdToTheOrchestrator() throws Exception {
        int fd = scratch.memfd(0);
        PluginState state = handler.preserve(fd);
        assertThat(handler.canFinish(state, Retrieval.never()).ok()).isTrue();
        handler.finish(state, Retrieval.of(fd));
        handler.finish(state, Retrieval.never());
        handler.finish(state, Retrieval.failed(Errno.EBADMSG));
        assertThat(Fds.isOpen(fd)).isTrue();
    }

    @Test
    void anotherFileIsNotTakenForIt() throws Exception {
        PluginState frozen = handler.preserve(scratch.memfd(0));
        assertMalformed("inode", moved(frozen, scratch.memfd(0)));
        assertMalformed("device", moved(frozen, scratch.tmpfile()));
        int memfd = frozen.fds().getFirst();
        assertMalformed("access mode 0, expected 2", moved(frozen, scratch.reopen(memfd, FileIo.O_RDONLY)));
    }

    @Test
    void aFileThatChangedIsNamed() throws Exception {
        int fd = scratch.memfd(Memfd.MFD_ALLOW_SEALING);
        PluginState frozen = handler.preserve(fd);
        FileIo.truncate(fd, 1);
        assertMalformed("fd " + fd + ": size 1, expected 0", frozen);
        FileIo.truncate(fd, 0);
        Files.setPosixFilePermissions(Path.of("/proc/self/fd/" + fd), PosixFilePermissions.fromString("---------"));
        assertMalformed("mode 0100000, expected 0100777", frozen);
    }

    @Test
    void sealsMayHaveBeenAddedButNoneIsMissing() throws Exception {
        int fd = scratch.memfd(Memfd.MFD_ALLOW_SEALING);
        PluginState before = handler.preserve(fd);
        Memfd.addSeals(fd, Memfd.F_SEAL_GROW);
        assertThat(handler.retrieve(handler.compatible(), before)).isEqualTo(fd);
        MemfdState state = MemfdCodec.decode(handler.preserve(fd).data());
        byte[] more = MemfdCodec.encode(new MemfdState(
                state.position(),
                state.size(),
                Memfd.F_SEAL_GROW | Memfd.F_SEAL_SHRINK,
                state.access(),
                state.device(),
                state.inode(),
                state.mode()));
        assertMalformed("seals 0x4, expected 0x6", PluginState.of(more, fd));
    }

    @Test
    void justOneFdIsTaken() throws Exception {
        int fd = scratch.memfd(0);
        byte[] data = handler.preserve(fd).data();
        assertMalformed("0 fds, expected 1", new PluginState(data, List.of()));
        assertMalformed("2 fds, expected 1", new PluginState(data, List.of(fd, fd)));
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> handler.retrieve(handler.compatible(), PluginState.of(data, 19999)))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
    }

    @Test
    void noOtherFormatIsRead() throws Exception {
        PluginState state = handler.preserve(scratch.memfd(0));
        assertThat(handler.compatible()).hasToString("memfd-p1");
        assertThat(handler.reads()).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> handler.retrieve(Compatible.of("memfd-v2"), state));
    }

    @Test
    void aShortenedStateIsMalformedAtEveryLength() throws Exception {
        int fd = scratch.memfd(0);
        byte[] data = handler.preserve(fd).data();
        for (int length = 0; length < data.length; length++) {
            assertMalformed("bytes, expected 72", PluginState.of(Arrays.copyOf(data, length), fd));
        }
    }

    @Test
    void noFlippedBitIsTakenButInThePosition() throws Exception {
        int fd = scratch.memfd(Memfd.MFD_ALLOW_SEALING);
        FileIo.truncate(fd, 0x5555_5555L);
        byte[] data = handler.preserve(fd).data();
        for (int bit = 0; bit < data.length * 8; bit++) {
            byte[] flipped = data.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            PluginState state = PluginState.of(flipped, fd);
            if (bit < 63) {
                assertThat(handler.retrieve(handler.compatible(), state)).isEqualTo(fd);
            } else {
                assertMalformed("", state);
            }
        }
        assertThat(FileIo.position(fd)).isZero();
    }

    private int cross(int fd, PluginState state) throws LuoException {
        PluginState frozen = handler.freeze(fd, state);
        return handler.retrieve(handler.compatible(), moved(frozen, scratch.handOver(fd)));
    }

    private static PluginState moved(PluginState state, int fd) {
        return PluginState.of(state.data(), fd);
    }

    private void assertMalformed(String message, PluginState state) {
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> handler.retrieve(handler.compatible(), state))
                .withMessageContaining(message);
    }
}
