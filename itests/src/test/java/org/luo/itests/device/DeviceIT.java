// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.itests.generations.Generations;

/** Programs written for /dev/liveupdate, in C and in Python, on a real platform, before, while and after it is replaced. */
@Timeout(180)
class DeviceIT {
    @TempDir
    private Path directory;

    @TestFactory
    List<DynamicTest> aProgramGetsWhatTheKernelGives() throws Exception {
        Path program = Program.compile("device", directory);
        try (Generations platform = Generations.start();
                Program cases = Program.start(platform, program)) {
            List<String> lines = cases.lines();
            assertThat(lines).hasSizeGreaterThan(10);
            awaitNoSessions(platform);
            return lines.stream()
                    .map(line -> dynamicTest(
                            line.split("[ :]")[1], () -> assertThat(line).startsWith("ok ")))
                    .toList();
        }
    }

    /** The platform sees a moment later that a program has ended. */
    private static void awaitNoSessions(Generations platform) throws Exception {
        for (int attempt = 0;
                attempt < 1000 && !platform.status().get("sessions").equals(0L);
                attempt++) {
            Thread.sleep(10);
        }
        assertThat(platform.status()).containsEntry("sessions", 0L).containsEntry("files", 0L);
    }

    @Test
    void sessionsAreTakenBackByTheSameProgramAndByAnother() throws Exception {
        Path program = Program.compile("update", directory);
        try (Generations platform = Generations.start();
                Program holder = Program.start(platform, program, "holder")) {
            holder.says("ready");
            assertThat(platform.update()).containsEntry("sessions", 3L).containsEntry("files", 16L);
            try (Program heir = Program.start(platform, program, "heir")) {
                heir.endsWell();
            }
            holder.goOn();
            assertThat(platform.update()).containsEntry("sessions", 0L).containsEntry("files", 0L);
        }
    }

    @Test
    void whatIsAskedInALiveUpdateIsAnsweredByTheSuccessor() throws Exception {
        Path program = Program.compile("update", directory);
        try (Generations platform = Generations.start();
                Program busy = Program.start(platform, program, "busy")) {
            busy.says("ready");
            platform.update();
            busy.goOn();
        }
    }

    @Test
    void aKilledHoldersSessionsAreGoneAtOnce() throws Exception {
        Path program = Program.compile("update", directory);
        try (Generations platform = Generations.start()) {
            try (Program holder = Program.start(platform, program, "holder")) {
                holder.says("ready");
                assertThat(platform.status()).containsEntry("sessions", 3L);
            }
            try (Program again = Program.start(platform, program, "holder")) {
                again.says("ready");
            }
        }
    }

    @Test
    void pythonFindsItAsWell() throws Exception {
        Path script = Program.SOURCES.resolve("python/device.py");
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(path -> Path.of(path, "python3").toFile().canExecute()),
                "no python3 on the PATH");
        Program.compile("update", directory); // skips where there is no library
        try (Generations platform = Generations.start();
                Program before = Program.start(platform, "python3", script, "before")) {
            before.says("ready");
            platform.update();
            try (Program after = Program.start(platform, "python3", script, "after")) {
                after.endsWell();
            }
            before.goOn();
        }
    }
}
