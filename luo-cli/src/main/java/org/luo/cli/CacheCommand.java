// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code luo cache}, here for its help only: the script makes it, since it starts a platform. */
@Command(
        name = "cache",
        description = {
            "makes a file from which platforms start faster",
            "It runs a platform for a moment in a directory of its own. The file is of use to the same Java and the"
                    + " same jars only; any other platform starts as without it, and says so. Make it again after an"
                    + " upgrade."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo cache                     LUO_HOME/luo.aot, which luo run looks for",
            "  luo cache /var/lib/luo.aot",
            "  LUO_CACHE=/var/lib/luo.aot luo run"
        })
final class CacheCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "else LUO_CACHE, else LUO_HOME/luo.aot")
    private Path file;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getErr().println("luo: the cache is made by the script: ./luo cache");
        return Main.USAGE;
    }
}
