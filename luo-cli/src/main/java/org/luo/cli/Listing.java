// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.List;
import java.util.Locale;

/** What can be listed: the command, which is also the key of the answer, and its columns. */
enum Listing {
    SESSIONS(
            "the sessions and how many files they hold",
            new Column("session", "name"),
            new Column("direction", "direction"),
            new Column("#files", "files"),
            new Column("#bytes", "bytes"),
            new Column("#state bytes", "state_bytes"),
            new Column("claimed", "claimed"),
            new Column("#carried", "carried")),
    FILES(
            "every file that is kept",
            new Column("session", "session"),
            new Column("token", "token"),
            new Column("direction", "direction"),
            new Column("format", "compatible"),
            new Column("phase", "phase"),
            new Column("#bytes", "bytes"),
            new Column("#state bytes", "state_bytes"),
            new Column("#age", "preserved_at"),
            new Column("bundle", "bundle")),
    HANDLERS(
            "the file handlers: what kinds of file can be kept",
            new Column("format", "compatible"),
            new Column("reads too", "reads"),
            new Column("flbs", "flbs"),
            new Column("bundle", "bundle"),
            new Column("#files", "files"),
            new Column("status", "status"),
            new Column("why", "reason")),
    FLBS(
            "the file-lifecycle-bound objects and who holds them",
            new Column("format", "compatible"),
            new Column("bundle", "bundle"),
            new Column("#outgoing", "outgoing"),
            new Column("#incoming", "incoming"),
            new Column("status", "status")),
    SUBSYSTEMS(
            "what takes part in live updates without files",
            new Column("subsystem", "name"),
            new Column("kind", "kind"),
            new Column("phase", "phase"),
            new Column("#state bytes", "state_bytes"),
            new Column("bundle", "bundle"),
            new Column("status", "status")),
    REJECTED(
            "the plug-ins that are there and not taken, and why",
            new Column("kind", "kind"),
            new Column("format", "compatible"),
            new Column("bundle", "bundle"),
            new Column("reason", "reason")),
    BUNDLES(
            "the bundles, by how many files each is pinned, and what the deploy folder has led to",
            new Column("#id", "id"),
            new Column("bundle", "name"),
            new Column("version", "version"),
            new Column("state", "state"),
            new Column("#pinned", "pinned")),
    COMMANDS(
            "what the platform can be asked, with luo call or over its socket",
            new Column("command", "name"),
            new Column("what it does", "description"));

    /** A column: its heading (see {@link Table}) and the key of its values. */
    record Column(String heading, String key) {}

    private final String description;
    private final List<Column> columns;

    Listing(String description, Column... columns) {
        this.description = description;
        this.columns = List.of(columns);
    }

    String command() {
        return name().toLowerCase(Locale.ROOT);
    }

    String description() {
        return description;
    }

    String example() {
        return "  luo " + command() + " --json | jq '." + command() + "[]."
                + columns.getFirst().key() + "'";
    }

    List<Column> columns() {
        return columns;
    }
}
