// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A command that asks a running platform something and prints the answer. */
abstract class PlatformCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    /** What to ask; the answer is what {@code --json} prints. */
    abstract Map<String, Object> ask(AdminClient client) throws IOException, AdminException;

    /** The answer for people, without a final line break. */
    abstract String format(Map<String, Object> answer);

    @Override
    public Integer call() throws IOException, AdminException {
        try (AdminClient client = AdminClient.connect(main.dir(spec.commandLine()))) {
            Map<String, Object> answer = ask(client);
            if (main.json()) {
                Main.printJson(spec.commandLine().getOut(), answer);
            } else {
                spec.commandLine().getOut().println(format(answer));
                spec.commandLine().getOut().flush();
            }
            return Main.DONE;
        }
    }
}
