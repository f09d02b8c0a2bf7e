// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.luo.linux.Failing.assertFails;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class FileIoTest {
    private static final long FIVE_GIB = 5L << 30;

    private final Arena arena = Arena.ofConfined();
    private int fd;

    @BeforeEach
    void open() throws Exception {
        fd = Memfd.create("io", 0);
    }

    @AfterEach
    void close() {
        Fds.close(fd);
        arena.close();
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        FileIo.write(fd, arena.allocateFrom("hello"));
        assertThat(FileIo.position(fd)).isEqualTo(6);
        assertThat(FileIo.seek(fd, -6, FileIo.SEEK_END)).isZero();
        MemorySegment buffer = arena.allocate(100);
        assertThat(FileIo.read(fd, buffer)).isEqualTo(6);
        assertThat(buffer.getString(0)).isEqualTo("hello");
        assertThat(FileIo.read(fd, buffer)).isZero();
    }

    @Test
    void sizesAndOffsetsGoBeyondTwoGibibytes() throws Exception {
        FileIo.truncate(fd, FIVE_GIB);
        FileIo.pwrite(fd, arena.allocateFrom("far"), FIVE_GIB - 4);
        assertThat(FileIo.seek(fd, FIVE_GIB - 4, FileIo.SEEK_SET)).isEqualTo(FIVE_GIB - 4);
        MemorySegment buffer = arena.allocate(100);
        assertThat(FileIo.read(fd, buffer)).isEqualTo(4);
        assertThat(buffer.getString(0)).isEqualTo("far");
        assertThat(FileIo.position(fd)).isEqualTo(FIVE_GIB);
        assertThat(Stat.of(fd).blocks()).isEqualTo(8);
    }

    @Test
    void preadStopsAtTheEndAndLeavesThePosition() throws Exception {
        FileIo.pwrite(fd, arena.allocateFrom("0123456"), 0);
        MemorySegment buffer = arena.allocate(100);
        assertThat(FileIo.pread(fd, buffer, 4)).isEqualTo(4);
        assertThat(buffer.getString(0)).isEqualTo("456");
        assertThat(FileIo.pread(fd, buffer, 1000)).isZero();
        assertThat(FileIo.position(fd)).isZero();
    }

    @Test
    void aHoleCanBePunched() throws Exception {
        FileIo.allocate(fd, 0, 0, 8192);
        FileIo.allocate(fd, FileIo.FALLOC_FL_PUNCH_HOLE | FileIo.FALLOC_FL_KEEP_SIZE, 0, 4096);
        assertThat(Stat.of(fd).size()).isEqualTo(8192);
        assertThat(Stat.of(fd).blocks()).isEqualTo(8);
    }

    @Test
    void filesAreCreatedAndUnlinked(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("Grüße");
        int created = FileIo.open(path, FileIo.O_RDWR | FileIo.O_CREAT | FileIo.O_EXCL, 0600);
        assertThat(Stat.of(created).mode()).isEqualTo(Stat.S_IFREG | 0600);
        assertFails(Errno.EEXIST, "open " + path, () -> FileIo.open(path, FileIo.O_CREAT | FileIo.O_EXCL, 0600));
        FileIo.unlink(path);
        assertThat(Files.exists(path)).isFalse();
        assertThat(Stat.of(created).links()).isZero();
        assertFails(Errno.ENOENT, "unlink " + path, () -> FileIo.unlink(path));
        assertFails(Errno.ENOENT, "open " + path, () -> FileIo.open(path, FileIo.O_RDONLY, 0));
        Fds.close(created);
    }

    @Test
    void theFlagsThatDifferByMachineMeanWhatTheySay(@TempDir Path directory) throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        assertFails(Errno.ELOOP, "open", () -> FileIo.open(link, FileIo.O_NOFOLLOW, 0));
        assertFails(Errno.ENOTDIR, "open", () -> FileIo.open(Path.of("/dev/null"), FileIo.O_DIRECTORY, 0));
        int nameless = FileIo.open(Path.of("/dev/shm"), FileIo.O_TMPFILE | FileIo.O_RDWR, 0600);
        assertThat(Stat.of(nameless).links()).isZero();
        Fds.close(nameless);
    }

    @Test
    void failuresNameTheFd() throws Exception {
        MemorySegment one = arena.allocate(1);
        int readOnly = FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDONLY, 0);
        assertFails(Errno.EBADF, "write fd " + readOnly, () -> FileIo.write(readOnly, one));
        assertFails(Errno.EINVAL, "truncate fd " + readOnly, () -> FileIo.truncate(readOnly, 1));
        assertFails(Errno.EINVAL, "seek fd " + fd, () -> FileIo.seek(fd, -1, FileIo.SEEK_SET));
        assertFails(Errno.EINVAL, "pread fd " + fd, () -> FileIo.pread(fd, one, -1));
        assertFails(Errno.EBADF, "position of fd 19999", () -> FileIo.position(19999));
        Fds.close(readOnly);
    }

    @Test
    void heapMemoryIsRefused() {
        MemorySegment heap = MemorySegment.ofArray(new byte[8]);
        assertThatIllegalArgumentException().isThrownBy(() -> FileIo.write(fd, heap));
    }
}
