// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.UnixSocket;
import org.luo.testkit.NoFdLeft;

/** What a service manager does at the end of a shutdown, to the process that holds the kernel session. */
@ExtendWith(NoFdLeft.class)
class HolderTest {
    private static final long IGNORED = 1 << 0 | 1 << 1 | 1 << 14; // HUP, INT, TERM

    private UnixSocket.Pair session;
    private ProcessHandle holder;

    @BeforeEach
    void start() throws Exception {
        session = UnixSocket.pair(UnixSocket.Type.STREAM);
        holder = ProcessHandle.of(Holder.start(session.other().fd())).orElseThrow();
        session.other().close(); // the holder has the only one
        session.one().setReceiveTimeout(Duration.ofSeconds(10).toMillis());
        while ((Long.parseUnsignedLong(status("SigIgn"), 16) & IGNORED) != IGNORED) {
            assertThat(holder.isAlive()).isTrue();
            Thread.sleep(5);
        }
    }

    @AfterEach
    void end() {
        holder.destroyForcibly();
        session.close();
    }

    private String status(String field) throws Exception {
        return Files.readAllLines(proc("status")).stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    private Path proc(String name) {
        return Path.of("/proc", Long.toString(holder.pid()), name);
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(holder.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void theManagerLeavesItAloneForItsName() throws Exception {
        assertThat(Files.readString(proc("cmdline"))).startsWith("@luo-kexec\0");
    }

    @Test
    void thereIsNoOtherProcessToWaitFor() {
        assertThat(holder.children()).isEmpty();
    }

    @Test
    void itWritesToNobodyWhoMayEndBeforeIt() throws Exception {
        assertThat(Files.readSymbolicLink(proc("fd/1"))).isEqualTo(Path.of("/dev/null"));
        assertThat(Files.readSymbolicLink(proc("fd/2"))).isEqualTo(Path.of("/dev/null"));
    }

    @Test
    void itHoldsWhateverComesUntilItIsKilled() throws Exception {
        for (String name : new String[] {"TERM", "INT", "HUP", "STOP", "CONT", "TERM"}) {
            signal(name);
        }
        session.one().setReceiveTimeout(200);
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> session.one().read(new byte[1], 0, 1))
                .satisfies(e -> assertThat(e.errno()).isIn(Errno.EAGAIN, Errno.ETIMEDOUT));
        assertThat(holder.isAlive()).isTrue();
        signal("KILL");
        session.one().setReceiveTimeout(10_000);
        assertThat(session.one().read(new byte[1], 0, 1)).isNegative();
    }

    @Test
    void waitingCostsNoProcessor() throws Exception {
        Duration before = holder.info().totalCpuDuration().orElse(Duration.ZERO);
        Thread.sleep(200);
        assertThat(holder.info().totalCpuDuration().orElse(Duration.ZERO).minus(before))
                .isLessThan(Duration.ofMillis(100));
    }
}
