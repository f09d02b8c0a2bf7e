// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code luo sessions} and whatever else {@link Listing} has. */
@Command
final class ListCommand extends PlatformCommand {
    private final Listing listing;

    ListCommand(Listing listing) {
        this.listing = listing;
    }

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call(listing.command(), Map.of());
    }

    @Override
    String format(Map<String, Object> answer) {
        List<Map<String, Object>> entries = Json.objects(answer, listing.command());
        if (entries.isEmpty()) {
            return "no " + listing.command();
        }
        Table table = new Table(
                listing.columns().stream().map(Listing.Column::heading).toArray(String[]::new));
        for (Map<String, Object> entry : entries) {
            table.row(listing.columns().stream()
                    .map(column -> cell(entry, column.key()))
                    .toArray());
        }
        List<Map<String, Object>> deployments = Json.objects(answer, "deployments");
        return deployments.isEmpty() ? table.toString() : table + "\n\n" + deployments(deployments);
    }

    private static Table deployments(List<Map<String, Object>> deployments) {
        Table table = new Table("deployed file", "bundle", "status", "why");
        for (Map<String, Object> deployment : deployments) {
            String status = Json.text(deployment, "status");
            table.row(
                    Json.text(deployment, "file"),
                    Json.text(deployment, "bundle"),
                    status.equals("done") ? status : Json.text(deployment, "wanted") + " " + status,
                    Json.text(deployment, "reason"));
        }
        return table;
    }

    /** How long ago a time in ms since 1970 is. */
    static String age(long since) {
        return StatusCommand.time(Duration.ofMillis(Math.max(0, System.currentTimeMillis() - since)));
    }

    private static String cell(Map<String, Object> entry, String key) {
        return switch (entry.get(key)) {
            case Boolean yes -> yes ? "yes" : "no";
            case Long time when key.endsWith("_at") -> age(time);
            case null, default -> Json.text(entry, key);
        };
    }
}
