// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code luo events}. */
@Command(
        name = "events",
        description = {
            "tells what happens, as it happens, one line each",
            "Ends with the process that serves, unless it is to follow. Who reads too slowly misses events, and is told"
                    + " how many: type lost."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo events --follow                       everything, across live updates",
            "  luo events --types state_changed,update_started,update_failed --follow",
            "  luo events --follow --json | jq -c 'select(.type == \"file_preserved\")'",
            "  luo events --types session_created --count 1 && echo somebody came"
        })
final class EventsCommand extends PlatformCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Option(names = "--follow", description = "go on with the successor after a live update")
    private boolean follow;

    @Option(
            names = "--types",
            split = ",",
            paramLabel = "TYPE",
            description = "which ones; else all; a wrong one names all there are")
    private List<String> types = List.of();

    @Option(names = "--count", paramLabel = "N", description = "end after so many")
    private long count = Long.MAX_VALUE;

    @Override
    public Integer call() throws IOException, AdminException {
        if (count < 1) {
            throw misused("--count " + count + ": give 1 or more");
        }
        try (EventFeed feed = EventFeed.open(dir(), types)) {
            for (long shown = 0; shown < count; ) {
                Optional<Map<String, Object>> event = feed.next();
                if (event.isEmpty() && !follow || event.isPresent() && !print(event.get())) {
                    break;
                }
                shown += event.isPresent() && !isFirst(event.get()) ? 1 : 0;
            }
        }
        return Main.DONE;
    }

    private static boolean isFirst(Map<String, Object> event) {
        return Json.text(event, "type").equals(EventFeed.FOLLOWING);
    }

    @Override
    Map<String, Object> ask(AdminClient client) {
        throw new UnsupportedOperationException("events are followed, not asked for");
    }

    @Override
    String format(Map<String, Object> event) {
        String details = new TreeMap<>(Json.object(event, "details").orElse(Map.of()))
                .entrySet().stream()
                        .map(detail -> detail.getKey() + "=" + detail.getValue())
                        .collect(Collectors.joining(" "));
        String subject = Json.text(event, "subject");
        String line = String.format(
                "%s  %-19s  %s%s%s",
                TIME.format(Instant.ofEpochMilli(Json.number(event, "time"))),
                Json.text(event, "type"),
                subject,
                subject.isEmpty() ? "" : "  ",
                details);
        return Table.printable(line.stripTrailing());
    }
}
