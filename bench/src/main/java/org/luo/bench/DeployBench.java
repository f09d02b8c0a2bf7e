// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.luo.cli.AdminClient;
import org.luo.cli.AdminException;
import org.luo.cli.PlatformProcess;
import org.luo.cli.PlatformSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * From a handler bundle that is not there to the first file it keeps, in a platform that runs: by command, and dropped
 * into the deploy folder. Every run has a platform of its own, in which none of the handler's code has run before.
 */
@Command(name = "deploy", description = "From the jar of a handler to the first file it keeps, in a running platform.")
final class DeployBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HANDLER = "handler-memfd";
    private static final double MILLION = 1e6;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "7",
            description = "platforms started for each way; ${DEFAULT-VALUE}")
    private int runs;

    @Option(names = "--json", description = "print one JSON object on the last line")
    private boolean json;

    private final Path home = Path.of(System.getProperty("luo.home"));

    /** One way to install it. */
    @FunctionalInterface
    private interface Way {
        void install(AdminClient client, Path jar, Path deploy) throws IOException, AdminException;
    }

    @Override
    public Integer call() throws IOException, AdminException {
        Path directory = Files.createTempDirectory(HandoverBench.runDirectories(), "luob");
        try {
            Map<String, Sample> rows = new LinkedHashMap<>();
            rows.put("luo bundle install", measure(directory, DeployBench::command));
            rows.put("deploy folder", measure(directory, DeployBench::drop));
            print(rows);
            return 0;
        } finally {
            HandoverBench.delete(directory);
        }
    }

    private Sample measure(Path directory, Way way) throws IOException, AdminException {
        List<Double> millis = new ArrayList<>();
        for (int run = 1; run <= runs; run++) {
            System.err.printf("run %d of %d%n", run, runs);
            millis.add(run(Files.createTempDirectory(directory, "p"), way) / MILLION);
        }
        return Sample.of(millis);
    }

    private long run(Path directory, Way way) throws IOException, AdminException {
        Path others = Files.createDirectory(directory.resolve("bundles"));
        Path handler = link(others);
        PlatformSettings settings = PlatformSettings.of(home, directory.resolve("run"))
                .withBundles(List.of(others, home.resolve("workload")));
        try (PlatformProcess platform = PlatformProcess.start(settings)) {
            platform.awaitReady(PATIENCE);
            try (AdminClient client = platform.connect()) {
                client.call("status", Map.of());
                long start = System.nanoTime();
                way.install(client, handler, directory.resolve("run/deploy"));
                client.call("workload.preserve", Map.of("sessions", List.of("bench"), "files", 1, "bytes", 4096));
                return System.nanoTime() - start;
            }
        }
    }

    /** The distribution's bundles but for the handler, which is returned. */
    private Path link(Path others) throws IOException {
        Path handler = null;
        try (Stream<Path> jars = Files.list(home.resolve("bundles"))) {
            for (Path jar : jars.toList()) {
                if (jar.getFileName().toString().startsWith(HANDLER)) {
                    handler = jar;
                } else {
                    Files.createSymbolicLink(others.resolve(jar.getFileName()), jar);
                }
            }
        }
        if (handler == null) {
            throw new IOException("there is no " + HANDLER + " in " + home.resolve("bundles"));
        }
        return handler;
    }

    private static void command(AdminClient client, Path jar, Path deploy) throws IOException, AdminException {
        client.call("bundle.install", Map.of("file", jar.toString()));
    }

    /** The jar appears at once, as with {@code mv}; then it is asked for again and again. */
    private static void drop(AdminClient client, Path jar, Path deploy) throws IOException, AdminException {
        Path written = Files.copy(jar, deploy.resolve(".memfd.jar"));
        Files.move(written, deploy.resolve("memfd.jar"), StandardCopyOption.ATOMIC_MOVE);
        while (!keepsMemfds(client)) {
            Thread.onSpinWait();
        }
    }

    private static boolean keepsMemfds(AdminClient client) throws IOException, AdminException {
        return client.call("handlers", Map.of()).get("handlers") instanceof List<?> handlers
                && handlers.stream()
                        .anyMatch(handler ->
                                handler instanceof Map<?, ?> entry && "memfd-p1".equals(entry.get("compatible")));
    }

    private void print(Map<String, Sample> rows) {
        System.out.printf("%-20s  %26s%n", "way", "to the first file, ms");
        rows.forEach((way, sample) -> System.out.printf("%-20s  %26s%n", way, sample));
        System.out.println("median (least–most) of " + runs + " platforms each");
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("benchmark", "deploy");
            object.put("machine", Machine.describe());
            object.put("runs", runs);
            rows.forEach((way, sample) -> object.put(way, sample.sorted()));
            System.out.println(new Gson().toJson(object));
        }
    }
}
