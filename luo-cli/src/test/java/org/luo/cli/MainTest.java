// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Timeout(30)
class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path dir;

    private int luo(String... arguments) {
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return Main.execute(line, arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "status extra",
                "update --no-such-option",
                "update --java",
                "demo --files many",
                "demo --files -1",
                "show",
                "unpreserve vm1",
                "check",
                "check --fd 3 --successor",
                "check --fd many",
                "bundle",
                "bundle nonsense",
                "bundle install",
                "bundle stop",
                "bundle stop x --wait=soon",
                "bundle stop x --wait --dry-run",
                "bundle update x --adopt",
                "bundle update x.jar --adopt --wait",
                "events --count 0",
                "call status nonsense",
                "update -o timeout.boot",
                "prepare now",
                "demo --bytes 12Q",
                "demo --bytes -5",
                "demo --bytes 9999999999G"
            })
    void aWrongCommandLineIsOneLineAndStatusTwo(String line) {
        assertThat(luo(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("luo: ")
                .endsWith(" --help");
    }

    @Test
    void everyExampleInTheHelpFitsALine() {
        for (CommandLine command : everyCommand(Main.commandLine())) {
            assertThat(command.getCommandSpec().usageMessage().footer())
                    .as(command.getCommandSpec().qualifiedName())
                    .allSatisfy(line -> assertThat(line.split("%n"))
                            .allSatisfy(part -> assertThat(part).hasSizeLessThan(80)));
        }
    }

    private static List<CommandLine> everyCommand(CommandLine line) {
        return Stream.concat(
                        Stream.of(line),
                        line.getSubcommands().values().stream().flatMap(command -> everyCommand(command).stream()))
                .toList();
    }

    @Test
    void aPlatformThatDoesNotRunIsStatusThree() {
        assertThat(luo("status", "--dir", dir.toString())).isEqualTo(3);
        assertThat(err.toString()).contains("luo run --dir " + dir);
        assertThat(luo("--dir", dir.toString(), "files", "--json")).isEqualTo(3);
        assertThat(out.toString()).contains("\"error\"").contains("ECONNREFUSED");
    }

    @Test
    void listsAreAlignedTables() throws Exception {
        String answer = "{\"result\":{\"files\":["
            + "{\"session\":\"vm1\",\"token\":\"0x1\",\"direction\":\"outgoing\",\"compatible\":\"memfd-v2\",\"phase\":\"preserved\",\"bytes\":1073741824,\"state_bytes\":48,\"bundle\":\"m"
            + " [2]\",\"preserved_at\":9999999999999},"
            + "{\"session\":\"database\",\"token\":\"0xffffffffffffffff\",\"direction\":\"outgoing\","
            + "\"compatible\":\"memfd-v2\",\"phase\":\"frozen\",\"bytes\":0,\"state_bytes\":1000,\"bundle\":\"\",\"preserved_at\":9999999999999}]}}";
        try (Answers answers = new Answers(dir, List.of(answer))) {
            assertThat(luo("files", "--dir", dir.toString())).isZero();
            assertThat(answers.requests.peek()).contains("\"files\"");
        }
        assertThat(out.toString()).isEqualTo("""
            session   token               direction  format    phase           bytes  state bytes  age  bundle
            vm1       0x1                 outgoing   memfd-v2  preserved  1073741824           48  0 s  m [2]
            database  0xffffffffffffffff  outgoing   memfd-v2  frozen              0         1000  0 s
            """);
    }

    @Test
    void anEmptyListSaysSoAndJsonIsTheAnswerItself() throws Exception {
        try (Answers answers = new Answers(dir, List.of("{\"result\":{\"flbs\":[]}}"))) {
            assertThat(luo("flbs", "--dir", dir.toString())).isZero();
            assertThat(answers.requests).hasSize(1);
        }
        assertThat(out.toString()).isEqualTo("no flbs\n");
    }

    @Test
    void jsonIsOneObjectOnTheLastLine() throws Exception {
        try (Answers answers = new Answers(dir, List.of("{\"result\":{\"flbs\":[],\"x\":\"<é>\"}}"))) {
            assertThat(luo("flbs", "--json", "--dir", dir.toString())).isZero();
            assertThat(answers.requests).hasSize(1);
        }
        assertThat(out.toString()).isEqualTo("{\"flbs\":[],\"x\":\"<é>\"}\n");
    }

    @Test
    void updatePassesItsOptionsAndShowsThePhases() throws Exception {
        String answer = "{\"result\":{\"kind\":\"process\",\"number\":1,\"predecessor_pid\":10,\"successor_pid\":20,"
                + "\"sessions\":2,\"files\":64,\"image_bytes\":9000,\"blackout_ms\":2.5,\"phases\":["
                + "{\"name\":\"boot\",\"ms\":700.25,\"blackout\":false},"
                + "{\"name\":\"freeze\",\"ms\":1.5,\"blackout\":true}]}}";
        try (Answers answers = new Answers(dir, List.of(answer))) {
            assertThat(luo("update", "--java", "/jdk", "--bundles", "/a", "--bundles", "/b", "--dir", dir.toString()))
                    .isZero();
            assertThat(answers.requests.peek())
                    .contains("\"java\":\"/jdk\"")
                    .contains("\"bundles\":\"/a:/b\"")
                    .contains("\"kind\":\"process\"");
        }
        assertThat(out.toString())
                .isEqualTo("phase       ms  blackout\nboot    700.25\nfreeze    1.50  yes\n"
                        + "live update 1: 2 sessions and 64 files from process 10 to process 20, blackout 2.50 ms\n");
    }

    @Test
    void aRefusedStopSaysWhatToDo() throws Exception {
        String refusal =
                "{\"error\":{\"errno\":\"EBUSY\",\"number\":16,\"message\":\"stop refused: 2 files [EBUSY]\"}}";
        try (Answers answers = new Answers(dir, List.of(refusal))) {
            assertThat(luo("stop", "--dir", dir.toString())).isEqualTo(1);
            assertThat(answers.requests).hasSize(1);
        }
        assertThat(err.toString()).isEqualTo("luo: stop refused: 2 files [EBUSY]; lose them with: luo stop --force\n");
    }

    @Test
    void everyCommandHasHelp() {
        for (String command : Main.commandLine().getSubcommands().keySet()) {
            assertThat(luo("help", command)).as(command).isZero();
            assertThat(luo(command, "--help")).as(command).isZero();
        }
        assertThat(luo("--help")).isZero();
        assertThat(out.toString())
                .contains("Exit status:")
                .contains("Examples:")
                .contains("bundles");
        assertThat(err.toString()).isEmpty();
    }
}
