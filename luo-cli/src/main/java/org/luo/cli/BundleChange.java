// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** A command that changes a bundle, after what needs it is gone if asked to, or only says what it would do. */
abstract class BundleChange extends PlatformCommand {
    @Option(names = "--dry-run", description = "only say what would happen; the status is 1 if it would be refused")
    private boolean dryRun;

    /** The command's last word. */
    abstract String operation();

    /** What names the bundle, and what else is asked for. */
    abstract Map<String, Object> arguments();

    /** What can be done about a refusal. */
    String wayOn() {
        return "";
    }

    /** What has happened, for people. */
    abstract String done(Map<String, Object> answer);

    boolean isDryRun() {
        return dryRun;
    }

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        Map<String, Object> arguments = new LinkedHashMap<>(arguments());
        if (dryRun) {
            arguments.put("dry_run", true);
        }
        try {
            return client.call("bundle." + operation(), arguments);
        } catch (AdminException e) {
            throw e.errno().equals("EBUSY") && !wayOn().isEmpty()
                    ? new AdminException(e.errno(), e.number(), e.getMessage() + "; " + wayOn())
                    : e;
        }
    }

    @Override
    int status(Map<String, Object> answer) {
        return dryRun && answer.get("refused") != null ? Main.FAILED : Main.DONE;
    }

    @Override
    String format(Map<String, Object> answer) {
        if (!dryRun) {
            String note = Json.text(answer, "note");
            return Table.printable(done(answer) + (note.isEmpty() ? "" : "; " + note));
        }
        String refused = Json.text(answer, "refused");
        Table table = new Table("what", "found");
        table.row(Json.text(answer, "operation"), refused.isEmpty() ? "would be done" : "would be refused");
        row(table, "why", refused);
        row(table, "bundle", Json.text(answer, "bundle"));
        row(table, "version", versions(answer));
        row(table, "files that need it", files(answer));
        row(table, "files moved", Json.text(answer, "moved"));
        row(table, "restarted with it", Json.text(answer, "refreshed"));
        Json.texts(answer, "notes").forEach(note -> row(table, "note", note));
        return table.toString();
    }

    private static String versions(Map<String, Object> answer) {
        String to = Json.text(answer, "to");
        String from = Json.text(answer, "version");
        return from.isEmpty() || to.isEmpty() ? from + to : from + " -> " + to;
    }

    private static String files(Map<String, Object> answer) {
        List<String> first = Json.texts(answer, "first");
        long files = answer.get("files") instanceof Long count ? count : 0;
        String more = files > first.size() ? " and " + (files - first.size()) + " more" : "";
        return files == 0 ? "" : files + ": " + String.join(", ", first) + more;
    }

    private static void row(Table table, String what, String found) {
        if (!found.isEmpty()) {
            table.row(what, found);
        }
    }

    /** Such as {@code org.luo.handler.memfd [2] 0.1.0, active}. */
    static String shown(Map<String, Object> answer) {
        return Json.text(answer, "name") + " [" + Json.number(answer, "id") + "] " + Json.text(answer, "version") + ", "
                + Json.text(answer, "state");
    }
}
