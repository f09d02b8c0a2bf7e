// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code luo run}, here for its help only: the script starts the platform, without this program around it. */
@Command(
        name = "run",
        description = {
            "runs a platform in the foreground",
            "SIGTERM ends it in order. With files kept it says what would be lost, and needs a second signal or"
                    + " --force."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo run --dir /tmp/luo",
            "  luo run --dir /tmp/luo --bundles $LUO_HOME/bundles --bundles /opt/handlers"
        })
final class RunCommand implements Callable<Integer> {
    @Option(names = "--bundles", paramLabel = "DIR", description = "what to install and start; else LUO_HOME/bundles")
    private List<Path> bundles;

    @Option(
            names = "--deploy",
            paramLabel = "DIR",
            description =
                    "the folder whose jars are installed, updated and uninstalled as they come, change and go; else"
                            + " deploy in the directory where it runs")
    private Path deploy;

    @Option(names = "--force", description = "the first signal ends it although files are lost")
    private boolean force;

    @Option(names = "--lenient", description = "start although a bundle does not")
    private boolean lenient;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getErr().println("luo: a platform is started by the script: ./luo run");
        return Main.USAGE;
    }
}
