// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code luo bundle uninstall}. */
@Command(
        name = "uninstall",
        description = {"uninstalls a bundle, and deletes its jar from the deploy folder", "Refused while files need it."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo bundle uninstall com.acme.gpu", "  luo bundle uninstall com.acme.gpu --wait=90s"})
final class BundleUninstallCommand extends BundleDeparture {
    @Parameters(paramLabel = "NAME", description = "the bundle's name or id")
    private String bundle;

    @Override
    String operation() {
        return "uninstall";
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
        return isWaiting() ? "" : "wait for them: luo bundle uninstall " + bundle + " --wait";
    }

    @Override
    String done(Map<String, Object> answer) {
        return shown(answer);
    }
}
