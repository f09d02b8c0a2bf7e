// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo bundle start}. */
@Command(
        name = "start",
        description = "starts a bundle that was stopped",
        footerHeading = "%nExamples:%n",
        footer = {"  luo bundle start com.acme.gpu", "  luo bundle start 15 --json | jq .state"})
final class BundleStartCommand extends PlatformCommand {
    @Parameters(paramLabel = "NAME", description = "the bundle's name or id")
    private String bundle;

    @Override
    Map<String, Object> ask(AdminClient client) throws IOException, AdminException {
        return client.call("bundle.start", Map.of("bundle", bundle));
    }

    @Override
    String format(Map<String, Object> answer) {
        return Table.printable(BundleChange.shown(answer));
    }
}
