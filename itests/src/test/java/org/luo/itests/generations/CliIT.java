// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The command {@code luo}, as a person or a script uses it, at a real platform that keeps real memfds. */
@Timeout(120)
class CliIT {
    private static final String[] UPDATE = {"update", "-o", "rehearsal=20"};

    private Generations platform;
    private Luo luo;

    @BeforeEach
    void start() throws Exception {
        platform = Generations.start();
        luo = new Luo(platform);
    }

    @AfterEach
    void stop() throws Exception {
        platform.close();
    }

    private ProcessBuilder command(String... arguments) {
        return luo.command(arguments);
    }

    private Luo.Result run(String... arguments) throws Exception {
        return luo.run(arguments);
    }

    private String luo(String... arguments) throws Exception {
        return luo.done(arguments);
    }

    private void refused(String why, String... arguments) throws Exception {
        luo.refused(why, arguments);
    }

    private void assertState(String state) throws Exception {
        assertThat(platform.dir().resolve("state")).hasContent(state);
        assertThat(luo("state")).isEqualTo(state);
    }

    @Test
    void aLiveUpdateStepByStep() throws Exception {
        assertState("normal");
        luo("call", "workload.preserve", "{\"sessions\":[\"vm1\",\"vm2\"],\"files\":4,\"bytes\":65536}");
        assertThat(luo("prepare")).startsWith("prepared");
        assertState("prepared");
        assertThat(luo("freeze")).startsWith("frozen");
        assertState("frozen");
        refused("the state is frozen, not prepared [EINVAL]", "freeze");
        assertThat(luo("cancel")).startsWith("normal");
        assertState("normal");
        assertThat(luo("prepare")).startsWith("prepared");
        long predecessor = platform.pid();
        String report = luo(UPDATE);
        assertThat(report)
                .startsWith("phase")
                .contains("live update 1: 2 sessions and 5 files from process " + predecessor);
        assertState("updated");
        Generations.awaitEnd(predecessor);
        platform.assertNobodyIsLeft();
        platform.verify(4);
        assertThat(luo("finish")).contains("normal", "vm1, vm2");
        assertState("normal");
        luo("call", "workload.finish");
        assertThat(luo("sessions")).isEqualTo("no sessions");
        assertThat(luo("stats")).startsWith("live updates: 1 done, 0 failed, 0 of these rolled back");
    }

    @Test
    void anUpdateGoesOnFromWhatIsFrozen() throws Exception {
        luo("call", "workload.preserve", "{\"sessions\":[\"vm1\"],\"files\":2,\"bytes\":65536}");
        luo("prepare");
        luo("freeze");
        assertThat(run("update", "-o", "rehearsal=20", "--json")
                        .json()
                        .get("files")
                        .getAsInt())
                .isPositive();
        assertState("updated");
        platform.verify(2);
    }

    @Test
    void whatThereIsIsShownAndLetGo() throws Exception {
        luo("call", "workload.preserve", "{\"sessions\":[\"vm1\"],\"files\":2,\"bytes\":65536}");
        assertThat(luo("show", "vm1")).contains("direction    outgoing", "org.luo.handler.memfd [");
        assertThat(run("show", "vm1", "--json").json().getAsJsonArray("sessions"))
                .hasSize(1);
        luo("unpreserve", "vm1", "2");
        assertThat(luo("files")).contains("0x1").doesNotContain("0x2");
        refused("[ENOENT]", "unpreserve", "vm1", "2");
        refused("[ENOENT]", "drop", "vm1");
        assertThat(luo("check", "--successor", "-o", "rehearsal=20")).contains("would take everything");
        luo(UPDATE);
        assertThat(luo("drop", "vm1")).contains("dropped");
        assertThat(luo("sessions")).isEqualTo("no sessions");
    }

    @Test
    void aFileIsCheckedInTheProcessThatHasIt() throws Exception {
        luo("call", "workload.preserve", "{\"sessions\":[\"vm1\"],\"files\":1,\"bytes\":4096}");
        long pid = platform.pid();
        assertThat(luo("check", "--pid", "" + pid, "--fd", fd(pid, "memfd:"))).contains("would be kept as memfd-p1");
        Luo.Result refusal = run("check", "--pid", "" + pid, "--fd", fd(pid, "/admin.sock", "socket:"));
        assertThat(refusal.status()).isEqualTo(1);
        assertThat(refusal.output()).contains("no handler takes it [ENOENT]");
    }

    private static String fd(long pid, String... kinds) throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : fds.toList()) {
                String file = link(fd);
                if (Stream.of(kinds).anyMatch(file::contains)) {
                    return fd.getFileName().toString();
                }
            }
        }
        throw new AssertionError("process " + pid + " has no such file open");
    }

    private static String link(Path fd) throws IOException {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (NoSuchFileException e) {
            return ""; // closed since it was listed
        }
    }

    @Test
    void eventsAreFollowedAcrossLiveUpdatesToTheEnd() throws Exception {
        Process follower = command("events", "--follow", "--json").start();
        try (BufferedReader events = follower.inputReader()) {
            assertThat(events.readLine()).contains("\"following\"", "\"live_updates\":\"0\"");
            luo("call", "workload.preserve", "{\"sessions\":[\"vm1\"],\"files\":1,\"bytes\":4096}");
            luo(UPDATE);
            for (String line = ""; !line.contains("\"live_updates\":\"1\""); ) {
                line = events.readLine();
                assertThat(line).isNotNull();
            }
            luo("drop", "vm1");
            luo("stop");
            List<String> rest = events.lines().toList();
            assertThat(rest).anySatisfy(line -> assertThat(line).contains("session_dropped"));
            assertThat(rest)
                    .allSatisfy(line -> assertThat(JsonParser.parseString(line).isJsonObject())
                            .isTrue());
            assertThat(follower.waitFor()).isEqualTo(3);
            assertThat(follower.errorReader().readAllAsString()).contains("has ended");
        } finally {
            follower.destroyForcibly();
        }
    }

    @Test
    void everyStateIsToldWhileAnUpdateRuns() throws Exception {
        Process follower = command("state", "--follow").start();
        Process once = command("events", "--types", "state_changed").start();
        try (BufferedReader states = follower.inputReader();
                BufferedReader events = once.inputReader()) {
            assertThat(states.readLine()).isEqualTo("normal");
            assertThat(events.readLine()).contains("following");
            luo("call", "workload.preserve", "{\"sessions\":[\"vm1\"],\"files\":1,\"bytes\":4096}");
            luo(UPDATE);
            luo("finish");
            assertThat(List.of(states.readLine(), states.readLine(), states.readLine(), states.readLine()))
                    .containsExactly("prepared", "frozen", "updated", "normal");
            assertThat(events.lines().map(line -> line.substring(line.indexOf("from="))))
                    .as("without --follow it ends with the process")
                    .containsExactly("from=normal to=prepared", "from=prepared to=frozen");
            assertThat(once.waitFor()).isZero();
        } finally {
            follower.destroyForcibly();
            once.destroyForcibly();
        }
    }

    @Test
    void onATerminalPhasesAreToldAsTheyEnd() throws Exception {
        Path script = Path.of("/usr/bin/script");
        assumeTrue(Files.isExecutable(script), "there is no " + script + " to make a terminal");
        ProcessBuilder builder = command();
        String line = builder.command().getFirst() + " update -o rehearsal=20";
        builder.command(script.toString(), "-qec", line, "/dev/null").redirectErrorStream(true);
        String output;
        Process process = builder.start();
        try {
            output = process.inputReader().readAllAsString();
            assertThat(process.waitFor()).as(output).isZero();
        } finally {
            process.destroy();
        }
        assertThat(output.substring(0, output.indexOf("phase ")))
                .containsSubsequence("started", "prepared", "boot", "preflight", "rehearse", "frozen");
    }

    @Test
    void whoHasToWaitIsToldWhy() throws Exception {
        luo("call", "workload.preserve", "{\"sessions\":[\"vm1\"],\"files\":1,\"bytes\":4096}");
        luo("prepare");
        luo("freeze");
        Process waiting = command("unpreserve", "vm1", "1").start();
        try (BufferedReader error = waiting.errorReader()) {
            assertThat(error.readLine()).contains("frozen", "luo cancel");
            luo("cancel");
            assertThat(waiting.waitFor()).isZero();
        } finally {
            waiting.destroyForcibly();
        }
    }
}
