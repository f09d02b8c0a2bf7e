// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AdminClientTest {
    private static final String RESTART = "{\"error\":{\"errno\":\"ERESTART\",\"number\":85,\"message\":\"again\"}}";

    @TempDir
    private Path dir;

    @Test
    void resultsAndRefusalsComeBack() throws Exception {
        String refusal = "{\"error\":{\"errno\":\"EBUSY\",\"number\":16,\"message\":\"in use [EBUSY]\"}}";
        try (Answers answers = new Answers(dir, List.of("{\"result\":{\"n\":7,\"x\":1.5}}", refusal));
                AdminClient client = AdminClient.connect(dir)) {
            assertThat(client.call("a.b", Map.of("k", List.of("v"))))
                    .containsEntry("n", 7L)
                    .containsEntry("x", 1.5);
            assertThatThrownBy(() -> client.call("c", Map.of()))
                    .isInstanceOfSatisfying(AdminException.class, e -> {
                        assertThat(e.errno()).isEqualTo("EBUSY");
                        assertThat(e.number()).isEqualTo(16);
                    })
                    .hasMessage("in use [EBUSY]");
            assertThat(Json.parse(answers.requests.peek()))
                    .containsEntry("command", "a.b")
                    .containsEntry("arguments", Map.of("k", List.of("v")));
        }
    }

    @Test
    void whatWasNotTakenUpIsAskedAgain() throws Exception {
        try (Answers answers = new Answers(dir, List.of(RESTART, Answers.RESET, RESTART, "{\"result\":{\"n\":1}}"));
                AdminClient client = AdminClient.connect(dir)) {
            assertThat(client.call("c", Map.of())).containsEntry("n", 1L);
            assertThat(answers.requests).hasSize(3);
        }
    }

    @Test
    void butNotForEver() throws Exception {
        try (Answers answers = new Answers(dir, List.of(RESTART, RESTART, RESTART, RESTART, RESTART, RESTART));
                AdminClient client = AdminClient.connect(dir)) {
            assertThatThrownBy(() -> client.call("c", Map.of()))
                    .isInstanceOfSatisfying(
                            AdminException.class, e -> assertThat(e.errno()).isEqualTo("ERESTART"));
            assertThat(answers.requests).hasSize(5);
        }
    }

    @Test
    void aPlatformThatEndsBeforeItAnswersIsNotAskedAgain() throws Exception {
        String half = "{\"result\":"; // and no end of the line
        try (Answers answers = new Answers(dir, List.of("{\"result\":{}}", half + Answers.CUT));
                AdminClient client = AdminClient.connect(dir)) {
            client.call("c", Map.of());
            assertThatThrownBy(() -> client.call("d", Map.of())).isInstanceOf(EOFException.class);
            assertThat(answers.requests).hasSize(2);
        }
    }

    @Test
    void aSilentPlatformIsLeftAfterATime() throws Exception {
        try (Answers answers = new Answers(dir, List.of("{\"result\":{}}"))) {
            AdminClient first = AdminClient.connect(dir);
            try (AdminClient second = AdminClient.connect(dir)) { // accepted only after the first has ended
                assertThatThrownBy(() -> second.call("c", Map.of(), Duration.ofMillis(200)))
                        .isInstanceOf(SocketTimeoutException.class);
            }
            first.close();
            assertThat(answers.requests).isEmpty();
        }
    }

    @Test
    void nonsenseIsReportedAndNotPrintedWhole() throws Exception {
        try (Answers answers = new Answers(dir, List.of("x".repeat(10_000)));
                AdminClient client = AdminClient.connect(dir)) {
            assertThatThrownBy(() -> client.call("c", Map.of()))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(EOFException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
            assertThat(answers.requests).hasSize(1);
        }
    }

    @Test
    void aDirectoryWithoutAPlatformIsNamed() throws Exception {
        assertThatThrownBy(() -> AdminClient.connect(dir))
                .isInstanceOf(NoPlatformException.class)
                .hasMessage("no platform runs at " + dir + "; start one with: luo run --dir " + dir);
        new Answers(dir, List.of()).close(); // leaves a socket that nobody answers
        assertThat(Files.exists(dir.resolve("admin.sock"))).isTrue();
        assertThatThrownBy(() -> AdminClient.connect(dir)).isInstanceOf(NoPlatformException.class);
    }
}
