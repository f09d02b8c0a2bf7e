// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code luo shell}. */
@Command(
        name = "shell",
        description = {
            "runs Gogo commands inside the platform",
            "Without a COMMAND it reads one per line; exit, quit or the end of the input ends it."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  luo shell", "  luo shell lb", "  echo 'headers 1' | luo shell"})
final class ShellCommand implements Callable<Integer> {
    private static final String PROMPT = "luo> ";

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", description = "one command and its arguments", arity = "0..*")
    private List<String> command;

    @Override
    public Integer call() throws IOException, AdminException {
        try (AdminClient client = AdminClient.connect(main.dir(spec.commandLine()))) {
            return command == null ? converse(client) : execute(client, String.join(" ", command));
        }
    }

    private int execute(AdminClient client, String line) throws IOException, AdminException {
        Map<String, Object> answer = client.call("shell.execute", Map.of("line", line));
        PrintWriter out = spec.commandLine().getOut();
        if (main.json()) {
            Main.printJson(out, answer);
        } else {
            String output = Json.text(answer, "output").stripTrailing();
            out.print(output.isEmpty() ? "" : output + "\n");
            out.flush();
        }
        return Main.DONE;
    }

    /** The status is that of the last command, as in other shells. */
    private int converse(AdminClient client) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int status = Main.DONE;
        for (String line = prompt(input); line != null; line = prompt(input)) {
            if (line.equals("exit") || line.equals("quit")) {
                break;
            }
            if (!line.isEmpty()) {
                try {
                    status = execute(client, line);
                } catch (AdminException e) {
                    spec.commandLine().getErr().println("luo: " + e.getMessage());
                    status = Main.FAILED;
                }
            }
        }
        return status;
    }

    private String prompt(BufferedReader input) throws IOException {
        if (System.console() != null && System.console().isTerminal()) {
            spec.commandLine().getOut().print(PROMPT);
            spec.commandLine().getOut().flush();
        }
        String line = input.readLine();
        return line == null ? null : line.strip();
    }
}
