// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo drop}. */
@Command(
        name = "drop",
        description = {
            "finishes an incoming session that nobody has claimed",
            "Its files are lost, unless somebody else has them open. Refused while somebody holds the session."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo sessions                              those with: incoming, claimed no", "  luo drop vm1"})
final class DropCommand extends PlatformCommand {
    @Parameters(paramLabel = "SESSION", description = "its name, as luo sessions prints it")
    private String session;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call("drop", Map.of("session", session));
    }

    @Override
    String format(Map<String, Object> answer) {
        return "session " + Table.printable(Json.text(answer, "session")) + " is dropped";
    }
}
