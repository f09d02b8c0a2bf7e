// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.testkit.RunDirectory;

/** A platform that some command line has started, in a directory of its own, and commands to it. */
final class Run {
    static final Path HOME = Path.of(System.getProperty("luo.home"));
    static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    static final String PRESERVE = "{\"sessions\":[\"vm1\"],\"files\":2,\"bytes\":65536}";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path dir;
    private final Path log;
    private final Process process;

    /** How a command ended; standard output and error together. */
    record Result(int status, String output) {
        JsonObject json() {
            assertThat(status).as(output).isZero();
            return JsonParser.parseString(output.lines().reduce("", (_, last) -> last))
                    .getAsJsonObject();
        }
    }

    private Run(Path dir, Path log, Process process) {
        this.dir = dir;
        this.log = log;
        this.process = process;
    }

    /** Starts a platform that keeps its sockets there, and waits until it answers. It ends with the directory. */
    static Run start(RunDirectory directory, Map<String, String> environment, List<String> commandLine)
            throws Exception {
        Path log = directory.path().resolve("log");
        Process process =
                builder(commandLine, environment).redirectOutput(log.toFile()).start();
        Run run = new Run(directory.path(), log, process);
        run.awaitReady();
        return run;
    }

    private static ProcessBuilder builder(List<String> commandLine, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(commandLine)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true);
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().keySet().removeAll(List.of("LUO_DIR", "LUO_JAVA_OPTS", "JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        return builder;
    }

    /** Runs a program to its end, which is the test's at the latest. */
    static Result run(List<String> commandLine) throws Exception {
        Process process = builder(commandLine, Map.of()).start();
        try {
            String output = process.inputReader().readAllAsString().strip();
            return new Result(process.waitFor(), output);
        } finally {
            process.destroy(); // SIGTERM: it takes down what it has started
        }
    }

    private void awaitReady() throws Exception {
        Path socket = dir.resolve("admin.sock");
        await("the platform becomes ready", () -> {
            if (Files.exists(socket)) {
                Result status = luo("status", "--json");
                // Other people's bundles need not all be active.
                boolean ready = status.status() == 0
                        && !status.json().get("not_active").toString().contains("org.luo");
                return ready ? Optional.of(status) : null;
            }
            return null;
        });
    }

    /** Something that may take a moment. */
    @FunctionalInterface
    interface Attempt<T> {
        /** Null if not yet. */
        T get() throws Exception;
    }

    <T> T await(String what, Attempt<T> attempt) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            T result = attempt.get();
            if (result != null) {
                return result;
            }
            assertThat(process.isAlive() && System.nanoTime() < end)
                    .as(() -> what + "; its log:\n" + log())
                    .isTrue();
            Thread.sleep(100);
        }
    }

    /** The distribution's command {@code luo}, to this platform. */
    Result luo(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(HOME.resolve("luo").toString(), "--dir", dir.toString()));
        line.addAll(List.of(arguments));
        return run(line);
    }

    Process process() {
        return process;
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
