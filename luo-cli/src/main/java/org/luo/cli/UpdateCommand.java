// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code luo update}. */
@Command(
        name = "update",
        description = {
            "live-updates the platform: a successor takes over every session and file",
            "Takes the steps that are left: prepare and freeze, or finish first. On failure the platform goes on as it"
                    + " was and says why."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo update                               the same Java and bundles, afresh",
            "  luo update --java /usr/lib/jvm/jdk-26    on another Java",
            "  luo update --bundles /opt/luo-2/bundles  with other bundles",
            "  luo update -o timeout.boot=120           with more patience",
            "  luo update --json | jq .blackout_ms"
        })
final class UpdateCommand extends PlatformCommand {
    @Mixin
    private SuccessorOptions options;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        if (!isWatched()) {
            return client.call("update", options.arguments());
        }
        try (UpdateProgress _ = new UpdateProgress(dir(), err())) {
            return client.call("update", options.arguments());
        }
    }

    /** The phases are said while it lasts. */
    @Override
    boolean isSilent() {
        return true;
    }

    @Override
    String format(Map<String, Object> answer) {
        return phases(answer) + "\n"
                + String.format(
                        Locale.ROOT,
                        "live update %d: %s and %s from process %d to process %d, blackout %.2f ms",
                        Json.number(answer, "number"),
                        Amount.of(Json.number(answer, "sessions"), "session"),
                        Amount.of(Json.number(answer, "files"), "file"),
                        Json.number(answer, "predecessor_pid"),
                        Json.number(answer, "successor_pid"),
                        Json.decimal(answer, "blackout_ms"));
    }

    /** The report's phases as a table. */
    static Table phases(Map<String, Object> report) {
        Table table = new Table("phase", "#ms", "blackout");
        for (Map<String, Object> phase : Json.objects(report, "phases")) {
            boolean blackout = Boolean.TRUE.equals(phase.get("blackout"));
            table.row(Json.text(phase, "name"), milliseconds(Json.decimal(phase, "ms")), blackout ? "yes" : "");
        }
        return table;
    }

    static String milliseconds(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
