// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs {@link PinBenchmark} in a JVM as the platform's, which compiles with C1 only. */
@Command(name = "pin", description = "Pin and unpin of a handler's bundle and the core's, per file, in process.")
final class PinBench implements Callable<Integer> {
    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "1",
            description = "per iteration, of 3 + 5; ${DEFAULT-VALUE}")
    private int seconds;

    @Override
    public Integer call() throws IOException {
        List<RunResult> results =
                run().stream().sorted(Comparator.comparingInt(PinBench::files)).toList();
        System.out.printf("%n%8s  %24s%n", "files", "pin+unpin ns");
        results.forEach(result -> System.out.printf(
                "%8d  %15.0f ± %6.0f%n",
                files(result),
                result.getPrimaryResult().getScore(),
                result.getPrimaryResult().getScoreError()));
        System.out.println("mean ± error of 99.9 %; files: how many pin the two bundles already");
        return 0;
    }

    private static int files(RunResult result) {
        return Integer.parseInt(result.getParams().getParam("files"));
    }

    private Collection<RunResult> run() throws IOException {
        try {
            return new Runner(new OptionsBuilder()
                            .include(PinBenchmark.class.getName())
                            .forks(1)
                            .warmupIterations(3)
                            .warmupTime(TimeValue.seconds(seconds))
                            .measurementIterations(5)
                            .measurementTime(TimeValue.seconds(seconds))
                            .jvmArgs("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
                            .build())
                    .run();
        } catch (RunnerException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
