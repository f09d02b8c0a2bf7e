// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.io.IOException;
import org.luo.cli.AdminException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code luo bench}. */
@Command(
        name = "luo bench",
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
            "  luo bench handover                 with 1, 1000 and 10000 files",
            "  luo bench handover --files 1000 --runs 20 --json",
            "  luo bench handover --files 1000 --kind memfd,hugetlb",
            "  luo bench adopt --files 1000",
            "  taskset -c 1 luo bench ioctl       the work alone, without waking a CPU"
        })
public final class Main {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "print this")
    private boolean help;

    private Main() {}

    /** Runs the benchmarks the arguments ask for. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler(Main::failed)
                .execute(arguments));
    }

    private static int misused(ParameterException e, String[] arguments) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        line.getErr().println("luo: " + e.getMessage().strip() + "; see: " + name + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) throws Exception {
        if (e instanceof IOException || e instanceof AdminException) {
            line.getErr().println("luo: " + e.getMessage());
            return 1;
        }
        throw e;
    }
}
