// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code luo bundle} asks and prints, at a socket with prepared answers. */
@Timeout(30)
class BundleCommandsTest {
    private static final String BUNDLE =
            "{\"result\":{\"id\":7,\"name\":\"com.acme\",\"version\":\"1.1\",\"state\":\"active\",\"pinned\":0%s}}";
    private static final String BUSY =
            "{\"error\":{\"errno\":\"EBUSY\",\"number\":16,\"message\":\"2 files preserved: vm1/0x1, vm1/0x2"
                    + " [EBUSY]\"}}";
    private static final String NEEDED =
            "{\"result\":{\"id\":7,\"name\":\"com.acme\",\"files\":10,\"first\":[\"vm1/0x1\",\"v\\u001b/0x2\"]}}";
    private static final String FREE = "{\"result\":{\"id\":9,\"name\":\"com.acme\",\"files\":0,\"first\":[]}}";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path dir;

    /** Runs {@code luo bundle} against answers; command and arguments of its requests. */
    private List<Map<String, Object>> bundle(int status, List<String> answers, String... arguments) throws Exception {
        try (Answers socket = new Answers(dir, answers)) {
            CommandLine line =
                    Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            List<String> all = new ArrayList<>(List.of("bundle", "--dir", dir.toString()));
            all.addAll(List.of(arguments));
            assertThat(Main.execute(line, all.toArray(String[]::new)))
                    .as(err.toString())
                    .isEqualTo(status);
            List<Map<String, Object>> requests = new ArrayList<>();
            for (String request : socket.requests) {
                requests.add(Json.parse(request));
            }
            return requests;
        } finally {
            Files.deleteIfExists(dir.resolve("admin.sock"));
        }
    }

    private static Map<String, Object> request(String command, Map<String, Object> arguments) {
        return Map.of("command", command, "arguments", arguments);
    }

    private static Map<String, Object> drain(String bundle, long millis) {
        return request("bundle.drain", Map.of("bundle", bundle, "millis", millis));
    }

    @Test
    void aFileIsNamedWithItsWholePath() throws Exception {
        String file = Path.of("x.jar").toAbsolutePath().toString();
        assertThat(bundle(0, List.of(BUNDLE.formatted("")), "install", "x.jar"))
                .containsExactly(request("bundle.install", Map.of("file", file)));
        assertThat(out.toString()).isEqualTo("com.acme [7] 1.1, active: installed\n");
        assertThat(bundle(0, List.of(BUNDLE.formatted(",\"was\":\"1.0\",\"files\":3")), "update", "x.jar", "--adopt"))
                .containsExactly(request("bundle.update", Map.of("file", file, "adopt", true)));
        assertThat(out.toString()).endsWith("com.acme [7] 1.1, active: updated from 1.0, 3 files adopted\n");
        assertThat(bundle(0, List.of(BUNDLE.formatted(",\"was\":\"1.0\"")), "update", "com.acme"))
                .containsExactly(request("bundle.update", Map.of("bundle", "com.acme")));
    }

    @Test
    void aRefusedUpdateOffersTwoWaysOn() throws Exception {
        bundle(1, List.of(BUSY), "update", "x.jar");
        assertThat(err.toString())
                .isEqualTo("luo: 2 files preserved: vm1/0x1, vm1/0x2 [EBUSY]; wait for them: luo bundle update x.jar"
                        + " --wait; or have the new version take them over: luo bundle update x.jar --adopt\n");
        bundle(1, List.of(BUSY), "stop", "com.acme");
        assertThat(err.toString()).endsWith("wait for them: luo bundle stop com.acme --wait\n");
        bundle(1, List.of(BUSY), "uninstall", "com.acme", "--json");
        assertThat(out.toString()).contains("\"errno\":\"EBUSY\"");
    }

    @Test
    void waitingDrainsUntilNothingNeedsTheBundleAndThenEndsThat() throws Exception {
        assertThat(bundle(0, List.of(NEEDED, NEEDED, FREE, BUNDLE.formatted(""), FREE), "uninstall", "7", "--wait=5m"))
                .containsExactly(
                        drain("7", 5000),
                        drain("com.acme", 5000),
                        drain("com.acme", 5000),
                        request("bundle.uninstall", Map.of("bundle", "7")),
                        drain("com.acme", 0));
        assertThat(err.toString()).isEqualTo("luo: 10 files need com.acme: vm1/0x1, v?/0x2 and 8 more\n");
    }

    @Test
    void aFileIsAskedForItsNameBeforeItIsWaitedFor() throws Exception {
        String file = Path.of("x.jar").toAbsolutePath().toString();
        assertThat(bundle(
                        0,
                        List.of(
                                "{\"result\":{\"name\":\"com.acme\",\"refused\":\"busy\"}}",
                                FREE,
                                BUNDLE.formatted(",\"was\":\"1.0\""),
                                FREE),
                        "update",
                        "--wait",
                        "x.jar"))
                .containsExactly(
                        request("bundle.update", Map.of("file", file, "dry_run", true)),
                        drain("com.acme", 5000),
                        request("bundle.update", Map.of("file", file)),
                        drain("com.acme", 0));
    }

    @Test
    void whoWaitsInVainIsToldForWhat() throws Exception {
        assertThat(bundle(1, List.of(NEEDED, NEEDED, FREE), "stop", "com.acme", "--wait=0"))
                .last()
                .isEqualTo(drain("com.acme", 0));
        assertThat(err.toString())
                .endsWith("luo: waited 0 s, and 10 files need com.acme: vm1/0x1, v?/0x2 and 8 more [ETIMEDOUT]\n");
    }

    @Test
    void whatWouldHappenIsATable() throws Exception {
        String plan = "{\"result\":{\"dry_run\":true,\"operation\":\"update\",\"bundle\":\"com.acme [7]\","
                + "\"version\":\"1.0\",\"to\":\"1.1\",\"files\":2,\"first\":[\"vm1/0x1\",\"vm1/0x2\"],"
                + "\"refreshed\":[\"com.user [8]\"],\"notes\":[\"a note\"],\"refused\":%s}}";
        bundle(1, List.of(plan.formatted("\"2 files preserved\"")), "update", "x.jar", "--dry-run");
        assertThat(out.toString()).isEqualTo("""
            what                found
            update              would be refused
            why                 2 files preserved
            bundle              com.acme [7]
            version             1.0 -> 1.1
            files that need it  2: vm1/0x1, vm1/0x2
            restarted with it   com.user [8]
            note                a note
            """);
        bundle(0, List.of(plan.formatted("null")), "update", "x.jar", "--dry-run");
        assertThat(out.toString()).contains("update              would be done\n");
    }

    @Test
    void timesHaveUnits() {
        assertThat(List.of("0", "90", "90s", "5m", "2h").stream()
                        .map(new Patience()::convert)
                        .map(Patience::text))
                .containsExactly("0 s", "90 s", "90 s", "5 min", "2 h");
    }

    @Test
    void theDeployFolderIsListedBelowTheBundles() throws Exception {
        String answer =
                "{\"result\":{\"bundles\":[{\"id\":7,\"name\":\"com.acme\",\"version\":\"1.0\",\"state\":\"active\",\"pinned\":2}],\"folder\":\"/f\",\"deployments\":[{\"file\":\"a.jar\",\"bundle\":\"com.acme"
                    + " [7]\",\"wanted\":\"update\",\"status\":\"pending\",\"reason\":\"2"
                    + " files\"},{\"file\":\"b.jar\",\"bundle\":null,\"wanted\":\"install\",\"status\":\"failed\",\"reason\":\"not"
                    + " a bundle\"}]}}";
        try (Answers socket = new Answers(dir, List.of(answer))) {
            assertThat(socket.requests).isEmpty();
            CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true));
            assertThat(Main.execute(line, "bundles", "--dir", dir.toString())).isZero();
        }
        assertThat(out.toString()).isEqualTo("""
            id  bundle    version  state   pinned
             7  com.acme  1.0      active       2

            deployed file  bundle        status          why
            a.jar          com.acme [7]  update pending  2 files
            b.jar                        install failed  not a bundle
            """);
    }
}
