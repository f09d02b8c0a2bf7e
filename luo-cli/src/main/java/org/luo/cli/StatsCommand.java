// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** {@code luo stats}. */
@Command(
        name = "stats",
        description = {
            "live updates since the last cold start, and how long each phase took",
            "Percentiles are those of the last 128; a phase counts where it was completed."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo stats", "  luo stats --json | jq '.phases[] | select(.name == \"blackout\").p99_ms'"})
final class StatsCommand extends PlatformCommand {
    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call("stats", Map.of());
    }

    @Override
    String format(Map<String, Object> answer) {
        String counts = "live updates: " + Json.text(answer, "done") + " done, " + Json.text(answer, "failed")
                + " failed, " + Json.text(answer, "rolled_back") + " of these rolled back" + kinds(answer)
                + (Json.number(answer, "recovered") == 0
                        ? ""
                        : "\ntaken up after a crash: " + Amount.of(Json.number(answer, "recovered"), "time"));
        Table table = new Table("phase", "#times", "#last ms", "#p50 ms", "#p90 ms", "#p99 ms");
        for (Map<String, Object> phase : Json.objects(answer, "phases")) {
            table.row(
                    Json.text(phase, "name"),
                    Json.text(phase, "count"),
                    milliseconds(phase, "last_ms"),
                    milliseconds(phase, "p50_ms"),
                    milliseconds(phase, "p90_ms"),
                    milliseconds(phase, "p99_ms"));
        }
        return Json.objects(answer, "phases").isEmpty() ? counts : counts + "\n\n" + table;
    }

    /** Such as {@code , by kind: kernel 1, process 2}. */
    private static String kinds(Map<String, Object> answer) {
        if (!(answer.get("kinds") instanceof Map<?, ?> kinds) || kinds.isEmpty()) {
            return "";
        }
        return ", by kind: "
                + kinds.entrySet().stream()
                        .map(kind -> Table.printable(kind.getKey() + " " + kind.getValue()))
                        .sorted()
                        .collect(Collectors.joining(", "));
    }

    private static String milliseconds(Map<String, Object> phase, String key) {
        return UpdateCommand.milliseconds(Json.decimal(phase, key));
    }
}
