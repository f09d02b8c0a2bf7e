// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.linux.Failing.assertFails;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class MemfdTest {
    private int fd;

    @BeforeEach
    void open() throws Exception {
        fd = Memfd.create("memfd-test", Memfd.MFD_ALLOW_SEALING);
    }

    @AfterEach
    void close() {
        Fds.close(fd);
    }

    @Test
    void isAnEmptyNamelessFile() throws Exception {
        Stat stat = Stat.of(fd);
        assertThat(stat.isRegular()).isTrue();
        assertThat(stat.links()).isZero();
        assertThat(stat.size()).isZero();
        assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString())
                .startsWith("/memfd:memfd-test");
    }

    @Test
    void sealsAdd() throws Exception {
        assertThat(Memfd.seals(fd)).isZero();
        Memfd.addSeals(fd, Memfd.F_SEAL_GROW);
        Memfd.addSeals(fd, Memfd.F_SEAL_SHRINK);
        assertThat(Memfd.seals(fd)).isEqualTo(Memfd.F_SEAL_GROW | Memfd.F_SEAL_SHRINK);
    }

    @Test
    void aSealForbidsWhatItSays() throws Exception {
        FileIo.truncate(fd, 4096);
        Memfd.addSeals(fd, Memfd.F_SEAL_GROW | Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_WRITE);
        assertFails(Errno.EPERM, "truncate fd " + fd, () -> FileIo.truncate(fd, 8192));
        assertFails(Errno.EPERM, "truncate fd " + fd, () -> FileIo.truncate(fd, 0));
        try (Arena arena = Arena.ofConfined()) {
            assertFails(Errno.EPERM, "pwrite fd " + fd, () -> FileIo.pwrite(fd, arena.allocate(1), 0));
        }
        assertFails(Errno.EPERM, "map 4096 bytes", () -> Mapping.map(fd, 0, 4096, true));
    }

    @Test
    void noSealCanBeAddedAfterTheLast() throws Exception {
        Memfd.addSeals(fd, Memfd.F_SEAL_SEAL);
        assertFails(Errno.EPERM, "add seals to fd " + fd, () -> Memfd.addSeals(fd, Memfd.F_SEAL_GROW));
    }

    @Test
    void aWritableMappingForbidsTheWriteSeal() throws Exception {
        FileIo.truncate(fd, 4096);
        try (Mapping mapping = Mapping.map(fd, 0, 4096, true)) {
            assertFails(Errno.EBUSY, "add seals", () -> Memfd.addSeals(fd, Memfd.F_SEAL_WRITE));
            Memfd.addSeals(fd, Memfd.F_SEAL_FUTURE_WRITE);
            assertThat(mapping.segment().byteSize()).isEqualTo(4096);
        }
    }

    @Test
    void withoutSealingItIsSealedFromTheStart() throws Exception {
        int sealed = Memfd.create("sealed", 0);
        assertThat(Memfd.seals(sealed)).isEqualTo(Memfd.F_SEAL_SEAL);
        Fds.close(sealed);
    }

    @Test
    void noexecSealGivesItsModeAndSeal() throws Exception {
        int noexec = Memfd.create("noexec", Memfd.MFD_NOEXEC_SEAL);
        assertThat(Stat.of(noexec).mode()).isEqualTo(Stat.S_IFREG | 0666);
        assertThat(Memfd.seals(noexec)).isEqualTo(Memfd.F_SEAL_EXEC);
        Fds.close(noexec);
    }

    @Test
    void refusesWhatTheKernelRefuses() throws Exception {
        assertFails(Errno.EINVAL, "flags 0x40000000", () -> Memfd.create("x", 1 << 30));
        assertFails(Errno.EINVAL, "memfd_create", () -> Memfd.create("x".repeat(250), 0));
        assertFails(Errno.EBADF, "seals of fd 19999", () -> Memfd.seals(19999));
        int pipe = FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
        assertFails(Errno.EINVAL, "seals of fd " + pipe, () -> Memfd.seals(pipe));
        Fds.close(pipe);
    }
}
