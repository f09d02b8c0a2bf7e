// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;
import org.luo.spi.Verdict;
import org.luo.testkit.NoFdLeft;

/** What is kept and what is refused, and what a preservation does until the freeze. */
@ExtendWith(NoFdLeft.class)
class MemfdHandlerTest {
    private final MemfdHandler handler = new MemfdHandler();
    private final Scratch scratch = new Scratch();

    @AfterEach
    void close() {
        scratch.close();
    }

    @Test
    void sharedMemoryWithoutANameIsKept() throws Exception {
        assertThat(handler.canPreserve(scratch.memfd(0)).ok()).isTrue();
        assertThat(handler.canPreserve(scratch.memfd(Memfd.MFD_NOEXEC_SEAL)).ok())
                .isTrue();
        assertThat(handler.canPreserve(scratch.unlinked()).ok()).isTrue();
        assertThat(handler.canPreserve(scratch.tmpfile()).ok()).isTrue();
        assertThat(handler.canPreserve(scratch.reopen(scratch.memfd(0), FileIo.O_RDONLY))
                        .ok())
                .isTrue();
    }

    @Test
    void aTmpfsFileWithANameIsRefused() throws Exception {
        Path path = Path.of("/dev/shm/luo-linked-" + ProcessHandle.current().pid());
        int fd = scratch.linked(path);
        assertThat(handler.canPreserve(fd)).isEqualTo(Verdict.no("a tmpfs file that has a name"));
        FileIo.unlink(path);
        assertThat(handler.canPreserve(fd)).isEqualTo(Verdict.yes());
    }

    @Test
    void hugetlbMemoryIsRefused() throws Exception {
        assumeThatCode(() -> scratch.memfd(Memfd.MFD_HUGETLB))
                .as("no huge pages here")
                .doesNotThrowAnyException();
        assertThat(handler.canPreserve(scratch.memfd(Memfd.MFD_HUGETLB))).isEqualTo(Verdict.no("hugetlb memory"));
    }

    @Test
    void whatIsNoRegularFileIsRefused() throws Exception {
        Verdict no = Verdict.no("not a regular file");
        assertThat(handler.canPreserve(scratch.open(Path.of("/dev/null"), FileIo.O_RDWR)))
                .isEqualTo(no);
        assertThat(handler.canPreserve(scratch.open(Path.of("/dev/shm"), FileIo.O_RDONLY)))
                .isEqualTo(no);
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            assertThat(handler.canPreserve(pair.one().fd())).isEqualTo(no);
        }
    }

    @Test
    void aFileOfAnotherFileSystemIsRefused() throws Exception {
        assertThat(handler.canPreserve(scratch.open(Path.of("/proc/self/maps"), FileIo.O_RDONLY)))
                .isEqualTo(Verdict.no("on a file system of type 0x9fa0, not a tmpfs"));
    }

    @Test
    void anFdThatIsNoUseIsRefused() throws Exception {
        int path = scratch.reopen(scratch.memfd(0), FileIo.O_PATH);
        assertThat(handler.canPreserve(path)).isEqualTo(Verdict.no("an O_PATH fd"));
        assertThat(handler.canPreserve(19999).reason()).contains("fd 19999", "EBADF");
    }

    @Test
    void everyFdOfAFileHasItsIdentity() throws Exception {
        int fd = scratch.memfd(0);
        assertThat(handler.identity(scratch.keep(Fds.duplicate(fd)))).isEqualTo(handler.identity(fd));
        assertThat(handler.identity(scratch.reopen(fd, FileIo.O_RDONLY))).isEqualTo(handler.identity(fd));
        assertThat(handler.identity(scratch.memfd(0))).isNotEqualTo(handler.identity(fd));
    }

    @Test
    void preservingTellsWhatThereIs() throws Exception {
        int fd = scratch.memfd(Memfd.MFD_ALLOW_SEALING);
        FileIo.truncate(fd, 8192);
        FileIo.seek(fd, 100, FileIo.SEEK_SET);
        Memfd.addSeals(fd, Memfd.F_SEAL_SHRINK);
        PluginState state = handler.preserve(fd);
        Stat stat = Stat.of(fd);
        assertThat(state.fds()).containsExactly(fd);
        assertThat(MemfdCodec.decode(state.data()))
                .isEqualTo(new MemfdState(
                        100, 8192, Memfd.F_SEAL_SHRINK, FileIo.O_RDWR, stat.device(), stat.inode(), 0100777));
    }

    @Test
    void freezingLooksAgain() throws Exception {
        int fd = scratch.memfd(Memfd.MFD_ALLOW_SEALING | Memfd.MFD_EXEC);
        PluginState state = handler.preserve(fd);
        FileIo.truncate(fd, 1L << 32);
        Files.setPosixFilePermissions(Path.of("/proc/self/fd/" + fd), PosixFilePermissions.fromString("rw-------"));
        MemfdState frozen = MemfdCodec.decode(handler.freeze(fd, state).data());
        assertThat(frozen.size()).isEqualTo(1L << 32);
        assertThat(frozen.mode()).isEqualTo(0100600);
    }

    @Test
    void freezingWithoutAChangeReturnsTheSameState() throws Exception {
        int fd = scratch.memfd(0);
        PluginState state = handler.preserve(fd);
        assertThat(handler.freeze(fd, state)).isSameAs(state);
    }

    @Test
    void freezingCanBeTakenBackAndDoneAgain() throws Exception {
        int fd = scratch.memfd(0);
        PluginState first = handler.freeze(fd, handler.preserve(fd));
        handler.unfreeze(fd, first);
        FileIo.truncate(fd, 12);
        PluginState second = handler.freeze(fd, first);
        assertThat(MemfdCodec.decode(second.data()).size()).isEqualTo(12);
        assertThat(MemfdCodec.decode(first.data()).size()).isZero();
        handler.unfreeze(fd, second);
        handler.unpreserve(fd, second);
        assertThat(Fds.isOpen(fd)).isTrue();
    }

    @Test
    void rehearsingTwiceLeavesNothing() {
        handler.rehearse();
        handler.rehearse();
    }
}
