// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunDirectoryTest {
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Process start(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("sh", "-c", "read line", "sh"));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line).start();
        started.add(process);
        return process;
    }

    @Test
    void whoeverNamesItEndsWithIt() throws Exception {
        RunDirectory directory = RunDirectory.create();
        Path path = directory.path();
        Files.writeString(Files.createDirectory(path.resolve("cache")).resolve("file"), "text");
        Process platform = start("-Dluo.dir=" + path, "-cp", "x".repeat(10_000));
        Process script = start("run", "--dir", path.toString());
        Process other = start("-Dluo.dir=" + path + "2", path + "/log");
        assertThat(directory.processes())
                .extracting(ProcessHandle::pid)
                .containsExactlyInAnyOrder(platform.pid(), script.pid());
        directory.close();
        assertThat(platform.waitFor()).isNotZero();
        assertThat(script.waitFor()).isNotZero();
        assertThat(other.isAlive()).isTrue();
        assertThat(path).doesNotExist();
    }

    @Test
    void aTestThatHasTimedOutCleansUpAsWell() throws Exception {
        RunDirectory directory = RunDirectory.create();
        Process platform = start("-Dluo.dir=" + directory.path());
        Thread.currentThread().interrupt();
        directory.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(platform.waitFor()).isNotZero();
    }
}
