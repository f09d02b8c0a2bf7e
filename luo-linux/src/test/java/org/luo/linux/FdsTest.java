// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.linux.Failing.assertFails;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class FdsTest {
    private int fd;

    @BeforeEach
    void open() throws Exception {
        fd = Memfd.create("fds", 0);
    }

    @AfterEach
    void close() {
        Fds.close(fd);
    }

    @Test
    void aDuplicateSharesThePosition() throws Exception {
        int duplicate = Fds.duplicate(fd);
        FileIo.seek(duplicate, 17, FileIo.SEEK_SET);
        assertThat(FileIo.position(fd)).isEqualTo(17);
        Fds.close(duplicate);
    }

    @Test
    void aDuplicateIsTheLowestFdFromTheMinimumUp() throws Exception {
        int duplicate = Fds.duplicateAtLeast(fd, 1234);
        assertThat(duplicate).isEqualTo(1234);
        Fds.close(duplicate);
    }

    @Test
    void whatIsNotOpenCantBeDuplicated() {
        assertFails(Errno.EBADF, "fd 19999", () -> Fds.duplicate(19999));
        assertFails(Errno.EBADF, "fd -1", () -> Fds.duplicate(-1));
    }

    @Test
    void anOPathFdCantBeDuplicated() throws Exception {
        int path = FileIo.open(Path.of("/dev/null"), FileIo.O_PATH, 0);
        assertFails(Errno.EBADF, "O_PATH", () -> Fds.duplicate(path));
        Fds.close(path);
    }

    @Test
    void aMinimumBeyondTheLimitIsInvalid() throws Exception {
        int limit = (int) Fds.rlimitNofile().soft();
        assertFails(Errno.EINVAL, "duplicate fd " + fd, () -> Fds.duplicateAtLeast(fd, limit));
        assertFails(Errno.EINVAL, "limit " + limit, () -> Fds.expandTable(limit + 1));
    }

    @Test
    void closingMakesItNotOpen() {
        assertThat(Fds.isOpen(fd)).isTrue();
        Fds.close(fd);
        assertThat(Fds.isOpen(fd)).isFalse();
        assertFails(Errno.EBADF, "flags of fd " + fd, () -> Fds.statusFlags(fd));
    }

    @Test
    void closeOnExecCanBeTakenAwayAndGivenBack() throws Exception {
        Fds.setCloexec(fd, false);
        assertThat(Fds.isCloexec(fd)).isFalse();
        Fds.setCloexec(fd, true);
        assertThat(Fds.isCloexec(fd)).isTrue();
    }

    @Test
    void statusFlagsTellTheAccessModeAndNonBlocking() throws Exception {
        assertThat(Fds.statusFlags(fd) & FileIo.O_ACCMODE).isEqualTo(FileIo.O_RDWR);
        Fds.setNonBlocking(fd, true);
        assertThat(Fds.statusFlags(fd) & FileIo.O_NONBLOCK).isNotZero();
        Fds.setNonBlocking(fd, false);
        assertThat(Fds.statusFlags(fd) & FileIo.O_NONBLOCK).isZero();
    }

    @Test
    void expandingTheTableMakesItThatLarge() throws Exception {
        Fds.expandTable(4000);
        assertThat(fdSize()).isGreaterThanOrEqualTo(4000);
        Fds.expandTable(0);
    }

    @Test
    void theSoftLimitCanBeRaisedToTheHardOne() throws Exception {
        Fds.Limit raised = Fds.raiseNofile();
        assertThat(raised.soft()).isEqualTo(raised.hard());
        assertThat(Fds.rlimitNofile()).isEqualTo(raised);
    }

    private static int fdSize() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("FDSize:"))
                .mapToInt(line -> Integer.parseInt(line.substring(7).strip()))
                .findFirst()
                .orElseThrow();
    }
}
