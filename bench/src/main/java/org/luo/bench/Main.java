// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.io.IOException;
import org.luo.cli.AdminException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code luo bench}. */
@Command(
        name = "luo bench",
        mixinStandardHelpOptions = true,
        description = "Measures what a live update costs. Quote medians and ratios, and name the machine.",
        subcommands = {
            HandoverBench.class,
            IoctlBench.class,
            PreserveBench.class,
            AdoptBench.class,
            PinBench.class,
            DeployBench.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  luo bench handover                          blackout with 1, 1000 and 10000 files, against C",
            "  luo bench handover --files 1000 --runs 20 --json",
            "  luo bench handover --files 1000 --kind memfd,hugetlb",
            "  luo bench ioctl                             an ioctl through the preload library, against C",
            "  luo bench preserve                          preserve and unpreserve, per file, in process",
            "  luo bench adopt                             10000 memfds to the handler's next version",
            "  luo bench pin                               pin and unpin, per file, in process",
            "  luo bench deploy                            from a handler's jar to the first file it keeps"
        })
public final class Main {
    private Main() {}

    /** Runs the benchmarks the arguments ask for. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::failed)
                .execute(arguments));
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) throws Exception {
        if (e instanceof IOException || e instanceof AdminException) {
            line.getErr().println("luo bench: " + e.getMessage());
            return 1;
        }
        throw e;
    }
}
