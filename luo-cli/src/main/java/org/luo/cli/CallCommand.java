// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo call}: for commands that bundles add, of which this program knows nothing. */
@Command(
        name = "call",
        description = {
            "runs any command of the platform, also those that bundles have added, and prints its result as JSON",
            "luo commands lists them."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo call status",
            "  luo call workload.preserve '{\"sessions\":[\"vm1\"],\"files\":4,\"bytes\":65536}'"
        })
final class CallCommand extends PlatformCommand {
    @Parameters(index = "0", paramLabel = "COMMAND", description = "its name")
    private String command;

    @Parameters(index = "1", arity = "0..1", paramLabel = "JSON", description = "an object, its arguments")
    private String arguments = "{}";

    private Map<String, Object> parsed;

    @Override
    void validate() {
        try {
            parsed = Json.parse(arguments);
        } catch (IOException e) {
            throw misused("the arguments are no JSON object: " + arguments);
        }
    }

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call(command, parsed);
    }

    @Override
    String format(Map<String, Object> answer) {
        return Json.write(answer);
    }
}
