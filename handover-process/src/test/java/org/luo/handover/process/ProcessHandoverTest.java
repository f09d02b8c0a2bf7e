// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;

/** Successors that are programs, but not ours: nothing is frozen for them, and nothing is left of them. */
class ProcessHandoverTest {
    @TempDir
    private Path dir;

    private InMemoryOutgoingSide outgoing;
    private int open;

    @BeforeEach
    void start() throws Exception {
        outgoing = new InMemoryOutgoingSide(1, 100);
        // What the JVM opens at the first use shall not count.
        program("exit 0");
        assertThatThrownBy(() -> handOver(Map.of())).isInstanceOf(LuoException.class);
        open = FdTable.open();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(FdTable.open()).isEqualTo(open);
        assertThat(ProcessHandle.current().children()).isEmpty();
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.filter(file -> file.toString().endsWith(".sock"))).isEmpty();
        }
        assertThat(outgoing.calls).isEmpty();
        outgoing.close();
    }

    @Test
    void aSuccessorThatDoesNotStartIsTold() throws IOException {
        program("echo Unrecognized option: -XX:+Nonsense >&2; exit 3");
        assertFailure(Errno.EPIPE, Map.of())
                .hasMessageContaining("ended before it connected")
                .hasMessageContaining("status 3");
    }

    @Test
    void aSuccessorThatDoesNotConnectIsEnded() throws IOException {
        program("exec sleep 100");
        assertFailure(Errno.ETIMEDOUT, Map.of("timeout.boot", "1")).hasMessageContaining("did not connect within 1 s");
    }

    @Test
    void aProgramThatCannotBeExecutedIsTold() throws IOException {
        Files.writeString(dir.resolve("bin/java"), "#!/nowhere\n");
        assertFailure(Errno.EIO, Map.of()).hasMessageContaining("start successor " + dir.resolve("bin/java"));
    }

    @Test
    void aDirectoryThatTakesNoSocketIsTold() {
        ProcessHandover handover = new ProcessHandover(dir.resolve("nowhere"));
        assertThatThrownBy(() -> handover.handOver(outgoing, Map.of("java", dir.toString())))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }

    @Test
    void anOptionThatIsNotKnownIsInvalid() {
        assertFailure(Errno.EINVAL, Map.of("kexec", "yes"));
    }

    private void program(String shell) throws IOException {
        Files.createDirectories(dir.resolve("bin"));
        Path java = Files.write(dir.resolve("bin/java"), List.of("#!/bin/sh", shell));
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(dir.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    }

    private void handOver(Map<String, String> options) throws LuoException {
        Map<String, String> all = new HashMap<>(options);
        all.put("java", dir.toString());
        new ProcessHandover(dir).handOver(outgoing, all);
    }

    private AbstractThrowableAssert<?, ?> assertFailure(Errno errno, Map<String, String> options) {
        return assertThatThrownBy(() -> handOver(options))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
