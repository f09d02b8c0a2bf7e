// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.testkit.NoFdLeft;

/** A program that inherits open files, whatever they are. */
@ExtendWith(NoFdLeft.class)
class SpawnTest {
    private static final Path SHELL = Path.of("/bin/sh");

    private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin");

    /** What a script has written into the file that is its input; it may say things to another one. */
    private static String written(int fd, int said, String script) throws Exception {
        int[] fds = {fd, said, said};
        long pid = Spawn.start(SHELL, List.of("@sh", "-c", script), ENVIRONMENT, fds);
        ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
        for (int i = 0; i < 1000 && Stat.of(fd).size() == 0; i++) {
            Thread.sleep(10);
        }
        child.destroyForcibly();
        try (Arena arena = Arena.ofConfined()) {
            return FileIo.pread(fd, arena.allocate(1), 0) == 0 ? "" : text(fd, arena);
        }
    }

    private static String text(int fd, Arena arena) throws LuoException {
        var buffer = arena.allocate(Stat.of(fd).size() + 1);
        FileIo.pread(fd, buffer, 0);
        return buffer.getString(0).strip();
    }

    @Test
    void itsFilesAreTheVeryOnesAndItHasNoOther() throws Exception {
        int fd = Memfd.create("input", 0);
        int said = Memfd.create("output", 0);
        int other = Memfd.create("other", 0);
        try {
            Fds.setCloexec(other, false);
            String script = "ls -l /proc/$$/fd | grep -q memfd:other && x=it,too; echo memfd:$x >&0; sleep 60";
            assertThat(written(fd, said, script)).isEqualTo("memfd:");
        } finally {
            Fds.close(fd);
            Fds.close(said);
            Fds.close(other);
        }
    }

    @Test
    void itIsCalledWhatItIsToldTo() throws Exception {
        int fd = Memfd.create("input", 0);
        int said = Memfd.create("output", 0);
        try {
            assertThat(written(fd, said, "head -c 3 /proc/$$/cmdline >&0; sleep 60"))
                    .isEqualTo("@sh");
        } finally {
            Fds.close(fd);
            Fds.close(said);
        }
    }

    @Test
    void aProgramThatIsNotThere() {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> Spawn.start(Path.of("/no/such/program"), List.of("x"), ENVIRONMENT, new int[0]))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }
}
