// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo bundle stop}. */
@Command(
        name = "stop",
        description = {
            "stops a bundle, until it is started again or a successor takes over",
            "Refused while files need it."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo bundle stop com.acme.gpu", "  luo bundle stop com.acme.gpu --wait"})
final class BundleStopCommand extends BundleDeparture {
    @Parameters(paramLabel = "NAME", description = "the bundle's name or id")
    private String bundle;

    @Override
    String operation() {
        return "stop";
    }

    @Override
    Map<String, Object> arguments() {
        return Map.of("bundle", bundle);
    }

    @Override
    String bundle(AdminClient client) {
        return bundle;
    }

    @Override
    String wayOn() {
        return isWaiting() ? "" : "wait for them: luo bundle stop " + bundle + " --wait";
    }

    @Override
    String done(Map<String, Object> answer) {
        return shown(answer);
    }
}
