// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo unpreserve}. */
@Command(
        name = "unpreserve",
        description = {
            "lets go of one file of an outgoing session, as if it had never been preserved",
            "Whoever holds the session is not asked. The file itself stays as it is."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo unpreserve vm1 0x3"})
final class UnpreserveCommand extends PlatformCommand {
    @Parameters(index = "0", paramLabel = "SESSION", description = "its name, as luo sessions prints it")
    private String session;

    @Parameters(index = "1", paramLabel = "TOKEN", description = "such as 0x3, or decimal")
    private String token;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call("unpreserve", Map.of("session", session, "token", token));
    }

    @Override
    String format(Map<String, Object> answer) {
        return Table.printable(Json.text(answer, "session") + "/" + Json.text(answer, "token"))
                + " is not kept any more";
    }
}
