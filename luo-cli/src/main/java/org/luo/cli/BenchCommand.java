// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code luo bench}, here for its help only: the script starts the benchmarks, a program of their own. */
@Command(name = "bench", description = "measures; see: luo bench --help")
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getErr().println("luo: benchmarks are started by the script: ./luo bench");
        return Main.USAGE;
    }
}
