// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThatCode;
import static org.luo.linux.Failing.assertFails;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class StatTest {
    @Test
    void agreesWithWhatJavaSees(@TempDir Path directory) throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[70_000]);
        Files.createLink(directory.resolve("link"), path);
        int fd = FileIo.open(path, FileIo.O_RDONLY, 0);
        Stat stat = Stat.of(fd);
        assertThat(stat.device()).isEqualTo(Files.getAttribute(path, "unix:dev"));
        assertThat(stat.inode()).isEqualTo(Files.getAttribute(path, "unix:ino"));
        assertThat(stat.mode()).isEqualTo(Files.getAttribute(path, "unix:mode"));
        assertThat(stat.links()).isEqualTo(2);
        assertThat(stat.size()).isEqualTo(70_000);
        assertThat(stat.isRegular()).isTrue();
        Fds.close(fd);
    }

    @Test
    void aDeviceNodeHasItsNumber() throws Exception {
        int fd = FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
        Stat stat = Stat.of(fd);
        assertThat(stat.rdev()).isEqualTo(1 << 8 | 3);
        assertThat(stat.isRegular()).isFalse();
        assertThat(stat.isSocket()).isFalse();
        Fds.close(fd);
    }

    @Test
    void blocksCountWhatIsAllocated() throws Exception {
        int fd = Memfd.create("blocks", 0);
        FileIo.truncate(fd, 1L << 40);
        assertThat(Stat.of(fd).size()).isEqualTo(1L << 40);
        assertThat(Stat.of(fd).blocks()).isZero();
        FileIo.allocate(fd, 0, 0, 4096);
        assertThat(Stat.of(fd).blocks()).isEqualTo(8);
        assertThat(Stat.holes(fd)).isEqualTo((1L << 40) - 4096);
        FileIo.truncate(fd, 100);
        assertThat(Stat.holes(fd))
                .as("what is allocated beyond the end fills no hole")
                .isZero();
        Fds.close(fd);
    }

    @Test
    void aSocketIsOne() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            assertThat(Stat.of(pair.one().fd()).isSocket()).isTrue();
        }
    }

    @Test
    void theFileSystemOfAMemfdIsTmpfs() throws Exception {
        int fd = Memfd.create("fs", 0);
        assertThat(Stat.fileSystem(fd)).isEqualTo(Stat.TMPFS_MAGIC);
        assertThat(Stat.blockSize(fd)).isEqualTo(4096);
        Fds.close(fd);
    }

    @Test
    void theFileSystemOfAHugeMemfdIsHugetlbfs() throws Exception {
        assumeThatCode(() -> Fds.close(Memfd.create("huge", Memfd.MFD_HUGETLB)))
                .as("no huge pages here")
                .doesNotThrowAnyException();
        int fd = Memfd.create("huge", Memfd.MFD_HUGETLB);
        assertThat(Stat.fileSystem(fd)).isEqualTo(Stat.HUGETLBFS_MAGIC);
        String size = Files.readString(Path.of("/proc/meminfo")).replaceAll("(?s).*Hugepagesize: *(\\d+) kB.*", "$1");
        assertThat(Stat.blockSize(fd)).isEqualTo(Long.parseLong(size) << 10);
        Fds.close(fd);
    }

    @Test
    void whatIsNotOpenHasNoState() {
        assertFails(Errno.EBADF, "fstat fd 19999", () -> Stat.of(19999));
        assertFails(Errno.EBADF, "fstatfs fd 19999", () -> Stat.fileSystem(19999));
        assertFails(Errno.EBADF, "fstatfs fd 19999", () -> Stat.blockSize(19999));
    }
}
