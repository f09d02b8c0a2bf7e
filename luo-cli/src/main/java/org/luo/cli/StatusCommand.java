// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** {@code luo status}. */
@Command(
        name = "status",
        description = "what the platform is and how it is doing",
        footerHeading = "%nExamples:%n",
        footer = {"  luo status --dir /tmp/luo", "  luo status --json | jq .pid"})
final class StatusCommand extends PlatformCommand {
    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call("status", Map.of());
    }

    @Override
    String format(Map<String, Object> answer) {
        String status = String.join(
                "\n",
                "pid            " + Json.text(answer, "pid"),
                "java           " + Json.text(answer, "java") + " (" + Json.text(answer, "java_home") + ")",
                "up             " + time(Duration.ofMillis(Json.number(answer, "uptime_ms"))),
                "state          " + Json.text(answer, "state"),
                "live updates   " + Json.text(answer, "live_updates"),
                "sessions       " + Json.text(answer, "sessions"),
                "files          " + Json.text(answer, "files"),
                "memory         " + Json.number(answer, "rss_kb") / 1024 + " MiB resident",
                "pins           " + Json.text(answer, "enforcement"),
                "not active     " + inactive(answer));
        return Stream.concat(
                        Stream.of(status),
                        Json.texts(answer, "callbacks").stream().map(callback -> "takes long     " + callback))
                .collect(Collectors.joining("\n"));
    }

    private static String inactive(Map<String, Object> answer) {
        String bundles = Json.text(answer, "not_active");
        return bundles.isEmpty() ? "no bundle" : bundles;
    }

    static String time(Duration time) {
        return time.toDays() > 0
                ? time.toDays() + " d " + time.toHoursPart() + " h"
                : time.toHours() > 0
                        ? time.toHours() + " h " + time.toMinutesPart() + " min"
                        : time.toMinutes() > 0
                                ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
                                : time.toSeconds() + " s";
    }
}
