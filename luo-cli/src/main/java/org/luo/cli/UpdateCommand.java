// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code luo update}. */
@Command(
        name = "update",
        description = {
            "live-updates the platform: a successor takes over every session and file",
            "On failure the platform goes on as it was and says why."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo update                                 the same Java, the same bundles, started afresh",
            "  luo update --java /usr/lib/jvm/jdk-26      on another Java",
            "  luo update --bundles /opt/luo-2/bundles    with other bundles"
        })
final class UpdateCommand extends PlatformCommand {
    @Option(names = "--java", paramLabel = "HOME", description = "the successor's JDK; else the present one")
    private Path java;

    @Option(
            names = "--bundles",
            paramLabel = "DIR",
            description = "the successor's bundles; else the present ones; may be given several times")
    private List<Path> bundles;

    @Option(names = "--kind", defaultValue = "process", description = "which handover; else ${DEFAULT-VALUE}")
    private String kind;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        Map<String, Object> arguments = new TreeMap<>(Map.of("kind", kind));
        if (java != null) {
            arguments.put("java", java.toAbsolutePath().toString());
        }
        if (bundles != null) {
            arguments.put(
                    "bundles",
                    bundles.stream().map(dir -> dir.toAbsolutePath().toString()).collect(Collectors.joining(":")));
        }
        return client.call("update", arguments);
    }

    @Override
    String format(Map<String, Object> answer) {
        return phases(answer) + "\n"
                + String.format(
                        Locale.ROOT,
                        "live update %d: %d sessions and %d files from process %d to process %d, blackout %.2f ms",
                        Json.number(answer, "number"),
                        Json.number(answer, "sessions"),
                        Json.number(answer, "files"),
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
