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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What the commands about sessions and live updates ask and print, at a socket with prepared answers. */
@Timeout(30)
class CommandsTest {
    private static final String FOLLOWED = "{\"result\":{\"pid\":10,\"state\":\"normal\",\"live_updates\":0}}";
    private static final String ASK_AGAIN = "{\"error\":{\"errno\":\"ERESTART\",\"number\":85,\"message\":\"again\"}}";
    private static final String ENDED = "{\"error\":{\"errno\":\"ESHUTDOWN\",\"number\":108,\"message\":\"ends\"}}";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path dir;

    /** Runs a command line against answers; its requests. */
    private List<String> luo(int status, List<String> answers, String... arguments) throws Exception {
        try (Answers socket = new Answers(dir, answers)) {
            CommandLine line =
                    Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            List<String> all = new ArrayList<>(List.of(arguments));
            all.addAll(1, List.of("--dir", dir.toString()));
            assertThat(Main.execute(line, all.toArray(String[]::new))).isEqualTo(status);
            return List.copyOf(socket.requests);
        } finally {
            Files.deleteIfExists(dir.resolve("admin.sock"));
        }
    }

    private static String event(long sequence, String type, String subject, String details) {
        return "{\"event\":{\"sequence\":" + sequence + ",\"time\":0,\"type\":\"" + type + "\",\"subject\":\"" + subject
                + "\",\"details\":{" + details + "}}}";
    }

    @ParameterizedTest
    @CsvSource({"prepare, prepared", "freeze, frozen", "cancel, normal", "finish, normal"})
    void stepsSayWhereTheyLed(String step, String state) throws Exception {
        String answer = "{\"result\":{\"state\":\"" + state + "\",\"live_updates\":0,\"incoming\":[]}}";
        assertThat(Json.parse(luo(0, List.of(answer), step).getFirst()))
                .isEqualTo(Map.of("command", step, "arguments", Map.of()));
        assertThat(out.toString()).startsWith(state);
    }

    @Test
    void whatNobodyHasFinishedIsNamed() throws Exception {
        luo(0, List.of("{\"result\":{\"state\":\"normal\",\"incoming\":[\"vm1\",\"vm2\"]}}"), "finish");
        assertThat(out.toString())
                .isEqualTo("normal; nobody has finished vm1, vm2: they go on with the next update, or luo drop\n");
    }

    @Test
    void aSessionIsShown() throws Exception {
        String answer =
                "{\"result\":{\"sessions\":[{\"name\":\"v\\u001bm\",\"direction\":\"incoming\",\"claimed\":false,"
                    + "\"carried\":2,\"files\":[{\"token\":\"0x1\",\"compatible\":\"memfd-p1\",\"phase\":\"deserialized\",\"bytes\":4096,\"state_bytes\":72,\"preserved_at\":9999999999999,\"bundle\":\"m"
                    + " [2]\"}]}]}}";
        assertThat(luo(0, List.of(answer), "show", "vm1").getFirst()).contains("{\"session\":\"vm1\"}");
        assertThat(out.toString()).isEqualTo("""
            session      v?m
            direction    incoming
            claimed      no
            carried      2 times without being claimed
            files        1

            token  format    phase         bytes  state bytes  age  bundle
            0x1    memfd-p1  deserialized   4096           72  0 s  m [2]
            """);
    }

    @Test
    void statisticsAreATable() throws Exception {
        String answer = "{\"result\":{\"done\":3,\"failed\":1,\"rolled_back\":0,\"phases\":[{\"name\":\"blackout\","
                + "\"count\":3,\"last_ms\":4.5,\"p50_ms\":4.25,\"p90_ms\":5,\"p99_ms\":1234.567}]}}";
        luo(0, List.of(answer), "stats");
        assertThat(out.toString()).isEqualTo("""
            live updates: 3 done, 1 failed, 0 of these rolled back

            phase     times  last ms  p50 ms  p90 ms   p99 ms
            blackout      3     4.50    4.25    5.00  1234.57
            """);
    }

    @Test
    void aFileThatNobodyTakesIsStatusOne() throws Exception {
        String verdict = "{\"compatible\":\"memfd-p1\",\"bundle\":\"m [2]\",\"takes\":%s,\"reason\":\"%s\"}";
        String answer = "{\"result\":{\"file\":\"/x\",\"kept_by\":%s,\"verdicts\":[" + verdict + "]}}";
        assertThat(luo(1, List.of(answer.formatted("null", false, "on ext4")), "check", "--pid", "7", "--fd", "3"))
                .singleElement()
                .satisfies(request ->
                        assertThat(Json.parse(request).get("arguments")).isEqualTo(Map.of("pid", 7L, "fd", 3L)));
        assertThat(out.toString()).isEqualTo("""
            fd 3 of process 7: /x
            format    takes it  why not  bundle
            memfd-p1  no        on ext4  m [2]
            would be refused: no handler takes it [ENOENT]
            """);
        luo(0, List.of(answer.formatted("\"memfd-p1\"", true, "")), "check", "--fd", "3");
        assertThat(out.toString()).endsWith("would be kept as memfd-p1\n");
    }

    @Test
    void aSuccessorIsCheckedWithTheOptionsOfAnUpdate() throws Exception {
        List<String> requests = luo(
                0,
                List.of("{\"result\":{\"kind\":\"process\",\"takes\":true}}"),
                "check",
                "--successor",
                "--java",
                "/jdk",
                "-o",
                "timeout.boot=9");
        assertThat(Json.parse(requests.getFirst()).get("arguments"))
                .isEqualTo(Map.of("java", "/jdk", "kind", "process", "timeout.boot", "9"));
    }

    @Test
    void anyCommandCanBeCalled() throws Exception {
        List<String> requests = luo(0, List.of("{\"result\":{\"n\":[1]}}"), "call", "a.b", "{\"x\":{\"y\":1.5}}");
        assertThat(Json.parse(requests.getFirst()))
                .isEqualTo(Map.of("command", "a.b", "arguments", Map.of("x", Map.of("y", 1.5))));
        assertThat(out.toString()).isEqualTo("{\"n\":[1]}\n");
    }

    @Test
    void eventsAreFollowedAcrossALiveUpdateUntilThePlatformEnds() throws Exception {
        String first =
                FOLLOWED + "\n" + event(1, "file_preserved", "vm1/0x1", "\"compatible\":\"c\"") + "\n" + ASK_AGAIN;
        String second = FOLLOWED + "\n" + event(1, "state_changed", "", "\"from\":\"a\",\"to\":\"b\"") + "\n" + ENDED;
        assertThat(luo(3, List.of(first, second), "events", "--follow")).hasSize(2);
        assertThat(out.toString().lines().map(line -> line.substring("00:00:00.000  ".length())))
                .containsExactly(
                        "following            process 10  live_updates=0 state=normal",
                        "file_preserved       vm1/0x1  compatible=c",
                        "following            process 10  live_updates=0 state=normal",
                        "state_changed        from=a to=b");
        assertThat(err.toString()).isEqualTo("luo: the platform at " + dir + " has ended\n");
    }

    @Test
    void withoutFollowEventsEndWithTheProcess() throws Exception {
        String answers = FOLLOWED + "\n" + event(1, "lost", "", "\"count\":\"7\"") + "\n" + ASK_AGAIN;
        List<String> requests = luo(0, List.of(answers, FOLLOWED), "events", "--json", "--types", "lost,state_changed");
        assertThat(requests).hasSize(1);
        assertThat(Json.parse(requests.getFirst()).get("arguments"))
                .isEqualTo(Map.of("types", List.of("lost", "state_changed")));
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(Json.parse(lines.get(0))).containsEntry("type", "following").containsEntry("subject", "process 10");
        assertThat(lines.get(1))
                .isEqualTo(
                        "{\"sequence\":1,\"time\":0,\"type\":\"lost\",\"subject\":\"\",\"details\":{\"count\":\"7\"}}");
    }

    @Test
    void soManyEventsAreEnough() throws Exception {
        String answers = FOLLOWED + "\n" + event(1, "lost", "", "") + "\n" + event(2, "lost", "", "");
        luo(0, List.of(answers, FOLLOWED), "events", "--count", "1");
        assertThat(out.toString().lines()).hasSize(2);
    }

    @Test
    void aRefusalToTellEventsIsStatusOne() throws Exception {
        luo(1, List.of("{\"error\":{\"errno\":\"EINVAL\",\"number\":22,\"message\":\"no type [EINVAL]\"}}"), "events");
        assertThat(err.toString()).isEqualTo("luo: no type [EINVAL]\n");
    }

    @Test
    void theStateIsFollowedAndSaidOnce() throws Exception {
        String first = FOLLOWED + "\n" + event(1, "state_changed", "", "\"to\":\"frozen\"") + "\n" + ASK_AGAIN;
        String second = FOLLOWED.replace("normal", "updated") + "\n"
                + event(1, "state_changed", "", "\"to\":\"updated\"") + "\n" + ENDED;
        luo(3, List.of(first, second), "state", "--follow");
        assertThat(out.toString()).isEqualTo("normal\nfrozen\nupdated\n");
    }

    @Test
    void aRefusalIsAnErrorInJsonAsWell() throws Exception {
        String refusal =
                "{\"error\":{\"errno\":\"EINVAL\",\"number\":22,\"message\":\"the state is normal [EINVAL]\"}}";
        luo(1, List.of(refusal), "freeze", "--json");
        assertThat(out.toString()).isEqualTo(refusal + "\n");
        assertThat(err.toString()).isEqualTo("luo: the state is normal [EINVAL]\n");
    }
}
