// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code luo state}. */
@Command(
        name = "state",
        description = {
            "where the platform is between two live updates: normal, prepared, frozen, updated",
            "The file DIR/state says the same, for those who watch it."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo state", "  luo state --follow                    every change, across live updates"})
final class StateCommand extends PlatformCommand {
    @Option(names = "--follow", description = "go on with every change, one line each, across live updates")
    private boolean follow;

    private String latest = "";

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call("state", Map.of());
    }

    @Override
    String format(Map<String, Object> answer) {
        return Json.text(answer, "state");
    }

    @Override
    public Integer call() throws IOException, AdminException {
        return follow ? follow() : super.call();
    }

    private int follow() throws IOException, AdminException {
        try (EventFeed feed = EventFeed.open(dir(), List.of("state_changed"))) {
            while (true) {
                Optional<Map<String, Object>> event = feed.next();
                if (event.isPresent() && !show(state(event.get()))) {
                    return Main.DONE;
                }
            }
        }
    }

    private static String state(Map<String, Object> event) {
        Map<String, Object> details = Json.object(event, "details").orElse(Map.of());
        return switch (Json.text(event, "type")) {
            case EventFeed.FOLLOWING -> Json.text(details, "state");
            case "state_changed" -> Json.text(details, "to");
            default -> "";
        };
    }

    /** Whether somebody reads it still. */
    private boolean show(String state) {
        if (state.isEmpty() || state.equals(latest)) {
            return true;
        }
        latest = state;
        return print(Map.of("state", state));
    }
}
