// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.luo.itests.generations.Admin.Refusal;
import org.luo.testkit.RunDirectory;

/** A platform with the sample workload in real JVMs, one after the other, in a directory of its own. */
public final class Generations implements AutoCloseable {
    public static final Path HOME = Path.of(System.getProperty("luo.home"));
    static final String BUNDLES = HOME.resolve("bundles") + ":" + HOME.resolve("workload");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MAIN = "org.luo.framework.Main";
    private static final int TAIL = 20;

    /** Tests need not be fast in the blackout. */
    private static final Map<String, String> HASTE = Map.of("rehearsal", "20");

    private final RunDirectory directory;
    private final Path dir;
    private final Process first;
    private final Admin admin;

    private Generations(RunDirectory directory, Process first) {
        this.directory = directory;
        this.dir = directory.path();
        this.first = first;
        this.admin = new Admin(dir);
    }

    /** Starts a platform from the distribution, as the script luo does, and waits until it is ready. */
    public static Generations start() throws Exception {
        return start(BUNDLES);
    }

    /** Starts one with the bundles of another directory as well. */
    public static Generations startWith(Path bundles) throws Exception {
        return start(bundles + ":" + BUNDLES);
    }

    /** As above with other bundles, in directories joined by colons. */
    static Generations start(String bundles) throws Exception {
        return start(bundles, List.of());
    }

    /** As above with more arguments of the JVM. */
    static Generations start(String bundles, List<String> jvm) throws Exception {
        RunDirectory directory = RunDirectory.create();
        try {
            Process process = new ProcessBuilder(line(directory.path(), bundles, jvm))
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.path().resolve("log").toFile())
                    .start();
            Generations generations = new Generations(directory, process);
            generations.awaitReady();
            return generations;
        } catch (Exception | AssertionError e) {
            directory.close();
            throw e;
        }
    }

    private static List<String> line(Path dir, String bundles, List<String> jvm) {
        List<String> line = new ArrayList<>(jvm);
        line.addFirst(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Dluo.home=" + HOME,
                "-Dluo.dir=" + dir,
                "-Dluo.bundles=" + bundles,
                "-cp",
                HOME.resolve("lib") + "/*",
                MAIN));
        return line;
    }

    private void awaitReady() throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isReady()) {
            assertThat(first.isAlive() && System.nanoTime() < deadline)
                    .as(() -> "the platform becomes ready; its log:" + log())
                    .isTrue();
            Thread.sleep(20);
        }
    }

    private boolean isReady() {
        try {
            return Boolean.TRUE.equals(status().get("ready"));
        } catch (IOException | Refusal e) {
            return false;
        }
    }

    /** Where its sockets are. */
    public Path dir() {
        return dir;
    }

    /** The process that serves. */
    public long pid() throws IOException, Refusal {
        return (Long) status().get("pid");
    }

    public Map<String, Object> status() throws IOException, Refusal {
        return call("status", Map.of());
    }

    public Map<String, Object> call(String command, Map<String, ?> arguments) throws IOException, Refusal {
        return admin.call(command, arguments);
    }

    void preserve(int files, long bytes, String... sessions) throws IOException, Refusal {
        call("workload.preserve", Map.of("files", files, "bytes", bytes, "sessions", List.of(sessions)));
    }

    /** Live-updates, and waits until the predecessor has ended. */
    Map<String, Object> update(Map<String, String> options) throws Exception {
        Map<String, String> all = new HashMap<>(HASTE);
        all.putAll(options);
        Map<String, Object> report = call("update", all);
        long predecessor = (Long) report.get("predecessor_pid");
        awaitEnd(predecessor);
        assertThat(pid()).isEqualTo(report.get("successor_pid")).isNotEqualTo(predecessor);
        assertNobodyIsLeft();
        return report;
    }

    public Map<String, Object> update() throws Exception {
        return update(Map.of());
    }

    /** Every file of every workload that came over is as it was written. */
    void verify(long files) throws IOException, Refusal {
        assertThat(call("workload.verify", Map.of()))
                .containsEntry("files", files)
                .containsEntry("same_inode", files)
                .containsEntry("mismatch_count", 0L);
    }

    /** The platform is one process, and of the handover nothing is left in it or its directory. */
    void assertNobodyIsLeft() throws IOException, Refusal {
        assertThat(processes()).extracting(ProcessHandle::pid).containsExactly(pid());
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("handover"));
        }
        assertThat(OpenFiles.of(pid()).names())
                .noneMatch(
                        name -> name.contains("luo-image") || name.contains("luo-rehearsal") || name.contains("pidfd"));
    }

    /** The processes of this platform that live. */
    List<ProcessHandle> processes() {
        return directory.processes().stream()
                .filter(process -> process.info()
                        .arguments()
                        .map(Arrays::asList)
                        .filter(arguments -> arguments.contains(MAIN))
                        .isPresent())
                .toList();
    }

    /** Waits until a process has ended; one that nobody has waited for has. */
    static void awaitEnd(long pid) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (isRunning(pid)) {
            assertThat(System.nanoTime()).as("process %d ends", pid).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static boolean isRunning(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** What the platform has said lately, for failures. */
    public String log() {
        try {
            List<String> lines = Files.readAllLines(dir.resolve("log"));
            return "\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Kills whatever runs, and takes the directory away. */
    @Override
    public void close() throws IOException {
        directory.close();
    }
}
