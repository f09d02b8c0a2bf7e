// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code luo stop}. */
@Command(
        name = "stop",
        description = {
            "ends the platform, and waits for its end",
            "Refused while files are kept, since they would be lost."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo stop", "  luo stop --force                      loses what is kept"})
final class StopCommand extends PlatformCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Option(names = "--force", description = "end it although files are lost")
    private boolean force;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        Map<String, Object> answer = stop(client);
        long pid = Json.number(answer, "pid");
        if (!PlatformProcess.awaitEnd(pid, PATIENCE)) {
            throw new IOException("process " + pid + " has not ended within " + PATIENCE.toSeconds()
                    + " s; look at its log, or kill it");
        }
        return answer;
    }

    private Map<String, Object> stop(AdminClient client) throws IOException, AdminException {
        try {
            return client.call("stop", Map.of("force", force));
        } catch (AdminException e) {
            throw e.errno().equals("EBUSY")
                    ? new AdminException(e.errno(), e.number(), e.getMessage() + "; lose them with: luo stop --force")
                    : e;
        }
    }

    @Override
    String format(Map<String, Object> answer) {
        return "process " + Json.number(answer, "pid") + " has ended";
    }
}
