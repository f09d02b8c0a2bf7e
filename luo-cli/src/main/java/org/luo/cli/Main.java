// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The command {@code luo}. */
@Command(
        name = "luo",
        synopsisSubcommandLabel = "COMMAND",
        description = "Keeps open files alive while the software under them is replaced.",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            StatusCommand.class,
            UpdateCommand.class,
            StopCommand.class,
            ShellCommand.class,
            BenchCommand.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:done",
            " 1:refused, or failed",
            " 2:the command line is wrong",
            " 3:no platform runs at DIR; luo run starts one"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo demo                              shows it all, in a directory of its own",
            "  luo run --dir /tmp/luo                a platform in the foreground",
            "  luo status --dir /tmp/luo             what it is and how it is doing",
            "  luo update --java /usr/lib/jvm/jdk-26 the same platform on another Java",
            "  luo files --json | jq '.files[].token'"
        })
public final class Main {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int NO_PLATFORM = 3;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "where the platform runs; else LUO_DIR, /run/luo for root, $$XDG_RUNTIME_DIR/luo")
    private Path dir;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "print one JSON object, on the last line of standard output")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "print this")
    private boolean help;

    /** Runs the command line and exits with its status. */
    public static void main(String[] arguments) {
        System.exit(execute(commandLine(), arguments));
    }

    /** As {@code luo}, with {@code help X} for {@code X --help}. */
    static int execute(CommandLine line, String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("help")) {
            return execute(
                    line, arguments.length == 1 ? new String[] {"--help"} : new String[] {arguments[1], "--help"});
        }
        return line.execute(arguments);
    }

    /** The command line, ready to be executed. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        for (Listing listing : Listing.values()) {
            CommandLine list = new CommandLine(new ListCommand(listing));
            list.getCommandSpec().usageMessage().description(listing.description());
            line.addSubcommand(listing.command(), list);
        }
        line.getSubcommands().get("shell").setStopAtPositional(true); // what follows is Gogo's
        return line.setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler(Main::failed);
    }

    /** Whether the answer is to be JSON. */
    boolean json() {
        return json;
    }

    /** Where the platform runs. */
    Path dir(CommandLine line) {
        try {
            return RunDirectory.find(dir, System.getenv());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line, e.getMessage(), e);
        }
    }

    private static int misused(ParameterException e, String[] arguments) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        line.getErr().println("luo: " + e.getMessage().strip() + "; see: " + name + " --help");
        return USAGE;
    }

    private static int failed(Exception e, CommandLine line, ParseResult parsed) throws Exception {
        if (e instanceof AdminException || e instanceof IOException) {
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            line.getErr().println("luo: " + message);
            if (parsed.expandedArgs().contains("--json")) {
                printJson(line.getOut(), Map.of("error", describe(e, message)));
            }
            return e instanceof NoPlatformException ? NO_PLATFORM : FAILED;
        }
        throw e;
    }

    private static Map<String, Object> describe(Exception e, String message) {
        return switch (e) {
            case AdminException refusal ->
                Map.of("errno", refusal.errno(), "number", refusal.number(), "message", message);
            case NoPlatformException none -> Map.of("errno", "ECONNREFUSED", "number", 111, "message", message);
            default -> Map.of("errno", "EIO", "number", 5, "message", message);
        };
    }

    static void printJson(PrintWriter out, Map<String, ?> object) {
        out.println(Json.write(object));
        out.flush();
    }
}
