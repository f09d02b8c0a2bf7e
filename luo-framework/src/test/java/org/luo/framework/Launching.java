// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Orchestrator;
import org.luo.framework.tiny.ServingActivator;

/** Starts the launcher in processes of its own, with a bundle that plays the orchestrator. */
abstract class Launching {
    private static final String PINNING = "Import-Package: org.luo.pin,org.osgi.framework";

    @TempDir
    private Path directory;

    Path run;
    Path bundles;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void makeBundles() throws Exception {
        run = directory.resolve("run");
        bundles = Files.createDirectory(directory.resolve("bundles"));
        new TinyJar("core", PINNING)
                .with(ServingActivator.class)
                .with(Orchestrator.class)
                .write(bundles);
    }

    @AfterEach
    void kill() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    /** @param settings arguments, which begin with a dash, and properties without their {@code luo.} */
    Process start(String... settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dluo.dir=" + run,
                "-Dluo.bundles=" + bundles));
        Stream.of(settings)
                .filter(setting -> !setting.startsWith("-"))
                .map(setting -> "-Dluo." + setting)
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        Stream.of(settings).filter(setting -> setting.startsWith("-")).forEach(command::add);
        Path log = directory.resolve("log" + processes.size());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        processes.add(process);
        return process;
    }

    String log(Process process) throws IOException {
        return Files.readString(directory.resolve("log" + processes.indexOf(process)));
    }

    void awaitLog(Process process, String text) throws Exception {
        while (!log(process).contains(text)) {
            assertThat(process.isAlive()).as(log(process)).isTrue();
            Thread.sleep(20);
        }
    }

    Process ready(String... settings) throws Exception {
        Process process = start(settings);
        awaitLog(process, "luo ready in ");
        return process;
    }

    void ends(Process process, int status) throws Exception {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(log(process)).isTrue();
        assertThat(process.exitValue()).as(log(process)).isEqualTo(status);
        assertThat(run.resolve("cache-" + process.pid())).doesNotExist();
    }
}
