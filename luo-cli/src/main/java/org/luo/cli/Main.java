// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
            StateCommand.class,
            UpdateCommand.class,
            KexecCommand.class,
            CheckCommand.class,
            DoctorCommand.class,
            ShowCommand.class,
            BundleCommand.class,
            UnpreserveCommand.class,
            DropCommand.class,
            EventsCommand.class,
            StatsCommand.class,
            CallCommand.class,
            StopCommand.class,
            ShellCommand.class,
            ExecCommand.class,
            CacheCommand.class,
            BenchCommand.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:done",
            " 1:refused by the platform, or failed; standard error says why, with the errno",
            " 2:the command line is wrong",
            " 3:no platform runs at DIR; luo run starts one"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo demo                              shows it all, in a directory of its own",
            "  luo doctor                            what this machine can preserve",
            "  luo run --dir /tmp/luo                a platform in the foreground",
            "  luo status --dir /tmp/luo             what it is and how it is doing",
            "  luo update --java /usr/lib/jvm/jdk-26 the same platform on another Java",
            "  luo prepare && luo freeze && luo cancel",
            "  luo events --follow                   what happens, across live updates",
            "  luo bundle update handler-2.jar --adopt",
            "  luo files --json | jq '.files[].token'",
            "  luo exec -- ./vmm --memory 4G         a program written for /dev/liveupdate"
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
            description = "print one JSON object, on the last line of standard output; luo events: one a line")
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
            String[] asked = Arrays.copyOfRange(arguments, 1, arguments.length + 1);
            asked[asked.length - 1] = "--help";
            return execute(line, asked);
        }
        return line.execute(arguments);
    }

    /** The command line, ready to be executed. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        for (Listing listing : Listing.values()) {
            CommandLine list = new CommandLine(new ListCommand(listing));
            describe(list, listing.example(), listing.description());
            line.addSubcommand(listing.command(), list);
        }
        for (Step step : Step.values()) {
            CommandLine command = new CommandLine(new StepCommand(step));
            describe(command, String.join("%n", step.examples()), step.description());
            line.addSubcommand(step.command(), command);
        }
        line.getSubcommands().get("shell").setStopAtPositional(true); // what follows is Gogo's
        line.getSubcommands().get("exec").setStopAtPositional(true); // or the program's
        return line.setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler(Main::failed);
    }

    private static void describe(CommandLine command, String examples, String... description) {
        command.getCommandSpec()
                .usageMessage()
                .description(description)
                .footerHeading("%nExamples:%n")
                .footer(examples);
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
            case AdminException refusal -> error(refusal.errno(), refusal.number(), message);
            case NoPlatformException _ -> error("ECONNREFUSED", 111, message);
            default -> error("EIO", 5, message);
        };
    }

    private static Map<String, Object> error(String errno, int number, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("errno", errno);
        error.put("number", number);
        error.put("message", message);
        return error;
    }

    static void printJson(PrintWriter out, Map<String, ?> object) {
        out.println(Json.write(object));
        out.flush();
    }
}
