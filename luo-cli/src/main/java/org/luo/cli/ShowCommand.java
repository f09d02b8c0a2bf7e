// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo show}. */
@Command(
        name = "show",
        description = {"one session, with its files", "Two, if an outgoing and an incoming one have the same name."},
        footerHeading = "%nExamples:%n",
        footer = {"  luo show vm1", "  luo show vm1 --json | jq -r '.sessions[].files[].token'"})
final class ShowCommand extends PlatformCommand {
    @Parameters(paramLabel = "SESSION", description = "its name, as luo sessions prints it")
    private String session;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call("show", Map.of("session", session));
    }

    @Override
    String format(Map<String, Object> answer) {
        return Json.objects(answer, "sessions").stream()
                .map(ShowCommand::describe)
                .collect(Collectors.joining("\n\n"));
    }

    private static String describe(Map<String, Object> session) {
        Table table = new Table("token", "format", "phase", "#bytes", "#state bytes", "#age", "bundle");
        for (Map<String, Object> file : Json.objects(session, "files")) {
            table.row(
                    Json.text(file, "token"),
                    Json.text(file, "compatible"),
                    Json.text(file, "phase"),
                    Json.text(file, "bytes"),
                    Json.text(file, "state_bytes"),
                    ListCommand.age(Json.number(file, "preserved_at")),
                    Json.text(file, "bundle"));
        }
        int files = Json.objects(session, "files").size();
        String head = String.join(
                "\n",
                "session      " + Table.printable(Json.text(session, "name")),
                "direction    " + Json.text(session, "direction"),
                "claimed      " + (Boolean.TRUE.equals(session.get("claimed")) ? "yes" : "no"),
                "carried      " + Amount.of(Json.number(session, "carried"), "time") + " without being claimed",
                "files        " + files);
        return files == 0 ? head : head + "\n\n" + table;
    }
}
