// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.testkit.NoFdLeft;

/** Files handed to a process that is started, as a service manager does. What contradicts itself: HandedInTest. */
@ExtendWith(NoFdLeft.class)
class ListenFdsTest {
    private static final long OWN = ProcessHandle.current().pid();

    @TempDir
    private Path directory;

    @Test
    void theyHaveTheirNamesOrNone() throws Exception {
        // whatever this JVM has there
        assertThat(ListenFds.of(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "a:"), OWN))
                .containsExactly(new ListenFds.Named(3, "a"), new ListenFds.Named(4, ""));
        assertThat(ListenFds.of(Map.of("LISTEN_PID", OWN + "", "LISTEN_FDS", "1"), OWN))
                .containsExactly(new ListenFds.Named(3, "unknown"));
        assertThat(Fds.isCloexec(3)).isTrue();
        assertThat(ListenFds.of(Map.of("LISTEN_PID", OWN + 1 + "", "LISTEN_FDS", "1"), OWN))
                .isEmpty();
        assertThat(ListenFds.of(Map.of("LISTEN_FDS", "1"), OWN)).isEmpty();
    }

    @Test
    void aProgramHasTheVeryFilesInOrderAndNoOther() throws Exception {
        int one = Memfd.create("one", 0);
        int other = Memfd.create("other", 0);
        Path list = directory.resolve("list");
        try {
            String script = "exec 9>$LIST; cd /proc/$$/fd; for i in *; do l=$(readlink $i); echo $i $l >&9; done";
            // one where another is to be: neither is lost
            int[] fds = {other, other, one, other, one};
            long pid = Spawn.start(
                    Path.of("/bin/sh"),
                    List.of("sh", "-c", script),
                    List.of("PATH=/bin:/usr/bin", "LIST=" + list),
                    fds);
            try (Pidfd child = Pidfd.open(pid)) {
                assertThat(child.awaitDeath(10_000)).isTrue();
            }
            assertThat(Files.readAllLines(list))
                    .filteredOn(line -> line.contains("memfd"))
                    .containsExactly(
                            "0 /memfd:other (deleted)",
                            "1 /memfd:other (deleted)",
                            "2 /memfd:one (deleted)",
                            "3 /memfd:other (deleted)",
                            "4 /memfd:one (deleted)");
        } finally {
            Fds.close(one);
            Fds.close(other);
        }
    }
}
