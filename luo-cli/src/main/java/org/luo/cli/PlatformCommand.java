// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that asks a running platform something and prints the answer. */
abstract class PlatformCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    /** What to ask; the answer is what {@code --json} prints. */
    abstract Map<String, Object> ask(AdminClient client) throws IOException, AdminException;

    /** The answer for people, without a final line break. */
    abstract String format(Map<String, Object> answer);

    /** @throws ParameterException if the options don't go together */
    void validate() {}

    /** The exit status, after an answer. */
    int status(Map<String, Object> answer) {
        return Main.DONE;
    }

    /** Whether nothing is to be said while the platform is slow. */
    boolean isSilent() {
        return false;
    }

    @Override
    public Integer call() throws IOException, AdminException {
        validate();
        try (AdminClient client = AdminClient.connect(dir())) {
            Map<String, Object> answer = main().json() || isSilent() ? ask(client) : askAloud(client);
            print(answer);
            return status(answer);
        }
    }

    private Map<String, Object> askAloud(AdminClient client) throws IOException, AdminException {
        try (Waiting _ = new Waiting(dir(), err())) {
            return ask(client);
        }
    }

    /** Prints an answer; whether somebody reads it still. */
    boolean print(Map<String, Object> answer) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(main().json() ? Json.write(answer) : format(answer));
        return !out.checkError();
    }

    private Main main() {
        return (Main) spec.root().userObject();
    }

    Path dir() {
        return main().dir(spec.commandLine());
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    boolean isJson() {
        return main().json();
    }

    /** Whether a person looks on, who wants to see progress. */
    boolean isWatched() {
        return !isJson() && System.console() != null && System.console().isTerminal();
    }

    ParameterException misused(String why) {
        return new ParameterException(spec.commandLine(), why);
    }
}
