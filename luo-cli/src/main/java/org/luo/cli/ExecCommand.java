// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code luo exec}, here for its help only: the script becomes the program, so that signals and its pid are the program's. */
@Command(
        name = "exec",
        description = {
            "runs a program that finds the platform at /dev/liveupdate",
            "The program takes the place of luo: same process, its own exit status. It has to be linked dynamically,"
                    + " and open the device with open, not with a system call of its own."
        },
        exitCodeListHeading = "%nExit status: the program's, or%n",
        exitCodeList = {
            " 1:the preload library is missing",
            " 2:the command line is wrong",
            "127:there is no such program"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  luo exec -- ./vmm --memory 4G",
            "  luo exec --dir /tmp/luo python3 agent.py",
            "  luo exec sh                           a shell whose programs all find it"
        })
final class ExecCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "PROGRAM",
            arity = "1..*",
            description = "the program and its arguments, after -- if need be")
    private List<String> program;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getErr().println("luo: programs are started by the script: ./luo exec");
        return Main.USAGE;
    }
}
