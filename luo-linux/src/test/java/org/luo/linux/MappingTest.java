// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.luo.linux.Failing.assertFails;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class MappingTest {
    private static final long FIVE_GIB = 5L << 30;

    private int fd;

    @BeforeEach
    void open() throws Exception {
        fd = Memfd.create("mapping", 0);
    }

    @AfterEach
    void close() {
        Fds.close(fd);
    }

    @Test
    void moreThanTwoGibibytesAreOneSegment() throws Exception {
        FileIo.truncate(fd, FIVE_GIB);
        try (Mapping mapping = Mapping.map(fd, 0, FIVE_GIB, true);
                Arena arena = Arena.ofConfined()) {
            mapping.segment().set(JAVA_LONG, FIVE_GIB - 8, 0x1122_3344_5566_7788L);
            MemorySegment read = arena.allocate(8, 8);
            assertThat(FileIo.pread(fd, read, FIVE_GIB - 8)).isEqualTo(8);
            assertThat(read.get(JAVA_LONG, 0)).isEqualTo(0x1122_3344_5566_7788L);
        }
        assertThat(Stat.of(fd).blocks()).isEqualTo(8);
    }

    @Test
    void startsAtTheOffset() throws Exception {
        FileIo.truncate(fd, 8192);
        try (Mapping all = Mapping.map(fd, 0, 8192, true);
                Mapping second = Mapping.map(fd, 4096, 4096, false)) {
            all.segment().set(JAVA_LONG, 4096, 42);
            assertThat(second.segment().get(JAVA_LONG, 0)).isEqualTo(42);
        }
    }

    @Test
    void aReadOnlyMappingCantBeWritten() throws Exception {
        FileIo.truncate(fd, 4096);
        try (Mapping mapping = Mapping.map(fd, 0, 4096, false)) {
            assertThat(mapping.segment().isReadOnly()).isTrue();
        }
    }

    @Test
    void populatingAllocatesEveryPage() throws Exception {
        FileIo.truncate(fd, 1 << 20);
        try (Mapping mapping = Mapping.map(fd, 0, 1 << 20, true)) {
            mapping.populate();
            assertThat(Stat.of(fd).blocks()).isEqualTo((1 << 20) / 512);
            mapping.advise(Mapping.MADV_WILLNEED);
            assertFails(Errno.EINVAL, "advise 999", () -> mapping.advise(999));
        }
    }

    @Test
    void populatingBeyondTheEndFails() throws Exception {
        FileIo.truncate(fd, 4096);
        try (Mapping mapping = Mapping.map(fd, 0, 8192, true)) {
            assertFails(Errno.EFAULT, "8192 mapped bytes", mapping::populate);
        }
    }

    @Test
    void accessBeyondTheEndIsAnErrorAndNoCrash() throws Exception {
        FileIo.truncate(fd, 4096);
        try (Mapping mapping = Mapping.map(fd, 0, 8192, false)) {
            assertThatExceptionOfType(InternalError.class)
                    .isThrownBy(() -> mapping.segment().get(JAVA_LONG, 4096));
        }
    }

    @Test
    void nothingCanBeSeenAfterClosing() throws Exception {
        FileIo.truncate(fd, 4096);
        Mapping mapping = Mapping.map(fd, 0, 4096, true);
        mapping.close();
        mapping.close();
        assertThatIllegalStateException().isThrownBy(() -> mapping.segment().get(JAVA_LONG, 0));
        assertThatIllegalStateException().isThrownBy(mapping::populate);
    }

    @Test
    void outlivesItsFd() throws Exception {
        FileIo.truncate(fd, 4096);
        try (Mapping mapping = Mapping.map(fd, 0, 4096, true)) {
            Fds.close(fd);
            mapping.segment().set(JAVA_LONG, 0, 7);
            assertThat(mapping.segment().get(JAVA_LONG, 0)).isEqualTo(7);
        }
    }

    @Test
    void refusesWhatTheKernelRefuses() throws Exception {
        assertFails(Errno.EBADF, "fd 19999", () -> Mapping.map(19999, 0, 4096, false));
        assertFails(Errno.EINVAL, "map 0 bytes", () -> Mapping.map(fd, 0, 0, false));
        assertFails(Errno.EINVAL, "at 1 of", () -> Mapping.map(fd, 1, 4096, false));
        int readOnly = FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDONLY, 0);
        assertFails(Errno.EACCES, "of fd " + readOnly, () -> Mapping.map(readOnly, 0, 4096, true));
        Fds.close(readOnly);
    }
}
