// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import com.google.gson.Gson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs {@link PreserveBenchmark} and says what the platform adds to the system calls. */
@Command(
        name = "preserve",
        description = "Preserve and unpreserve per file, in process, beside the system calls alone.")
final class PreserveBench implements Callable<Integer> {
    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "1",
            description = "per iteration, of 3 + 5; ${DEFAULT-VALUE}")
    private int seconds;

    @Option(names = "--json", description = "print one JSON object on the last line")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Map<Integer, Map<String, Object>> rows = new TreeMap<>();
        for (RunResult result : run()) {
            int files = Integer.parseInt(result.getParams().getParam("files"));
            Map<String, Object> row = rows.computeIfAbsent(files, f -> new LinkedHashMap<>(Map.of("files", f)));
            boolean calls = result.getParams().getBenchmark().endsWith("systemCalls");
            row.put(
                    calls ? "system_calls_ns" : "preserve_ns",
                    result.getPrimaryResult().getScore());
            row.put(
                    calls ? "system_calls_error_ns" : "preserve_error_ns",
                    result.getPrimaryResult().getScoreError());
        }
        print(new ArrayList<>(rows.values()));
        return 0;
    }

    private Collection<RunResult> run() throws IOException {
        try {
            return new Runner(new OptionsBuilder()
                            .include(PreserveBenchmark.class.getName())
                            .forks(1)
                            .warmupIterations(3)
                            .warmupTime(TimeValue.seconds(seconds))
                            .measurementIterations(5)
                            .measurementTime(TimeValue.seconds(seconds))
                            .jvmArgs("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
                            .build())
                    .run();
        } catch (RunnerException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void print(List<Map<String, Object>> rows) {
        System.out.printf("%n%8s  %24s  %24s  %9s%n", "files", "preserve+unpreserve ns", "system calls ns", "added ns");
        for (Map<String, Object> row : rows) {
            double added = (double) row.get("preserve_ns") - (double) row.get("system_calls_ns");
            row.put("added_ns", added);
            System.out.printf(
                    "%8d  %15.0f ± %6.0f  %15.0f ± %6.0f  %9.0f%n",
                    row.get("files"),
                    row.get("preserve_ns"),
                    row.get("preserve_error_ns"),
                    row.get("system_calls_ns"),
                    row.get("system_calls_error_ns"),
                    added);
        }
        System.out.println("mean ± error of 99.9 %; files: how many the session holds already");
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("benchmark", "preserve");
            object.put("machine", Machine.describe());
            object.put("rows", rows);
            System.out.println(new Gson().toJson(object));
        }
    }
}
