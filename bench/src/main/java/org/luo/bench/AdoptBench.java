// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.luo.Amount;
import org.luo.cli.AdminClient;
import org.luo.cli.AdminException;
import org.luo.cli.PlatformProcess;
import org.luo.cli.PlatformSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long the adoption of a handler's files by its next version takes, end to end: real platform, real memfds, a real
 * bundle that is installed, adopts, and has the old one uninstalled. Meanwhile a client preserves files, one call after
 * the other: none may fail, and the longest is how long clients wait.
 */
@Command(
        name = "adopt",
        description = "Adoption of a handler's files by its next version, and how long clients wait meanwhile.")
final class AdoptBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HANDLER = "org.luo.handler.memfd";
    private static final int BYTES_PER_FILE = 4096;

    /** What the client does before an adoption, and again after it. */
    private static final int CALLS_BESIDE = 20;

    @Option(names = "--files", paramLabel = "N", defaultValue = "10000", description = "default: ${DEFAULT-VALUE}")
    private int files;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "7",
            description = "adoptions in one platform; default: ${DEFAULT-VALUE}")
    private int runs;

    @Option(names = "--json", description = "print one JSON object on the last line")
    private boolean json;

    private final List<Double> adoptions = new ArrayList<>();
    private final List<Double> waits = new ArrayList<>();
    private long calls;

    @Override
    public Integer call() throws IOException, AdminException, InterruptedException {
        Path directory = Files.createTempDirectory(HandoverBench.runDirectories(), "luob");
        Path home = Path.of(System.getProperty("luo.home"));
        try (PlatformProcess platform = PlatformProcess.start(PlatformSettings.of(home, directory))) {
            platform.awaitReady(PATIENCE);
            try (AdminClient client = platform.connect()) {
                client.call("workload.preserve", request("bench", files));
            }
            for (int run = 1; run <= runs; run++) {
                System.err.printf("%s, adoption %d of %d%n", Amount.of(files, "file"), run, runs);
                adopt(platform, variant(home, directory, run));
            }
            verify(platform);
        } finally {
            HandoverBench.delete(directory);
        }
        print();
        return 0;
    }

    private static Map<String, Object> request(String session, int files) {
        return Map.of("sessions", List.of(session), "files", files, "bytes", (long) files * BYTES_PER_FILE);
    }

    private void adopt(PlatformProcess platform, Path jar) throws IOException, AdminException, InterruptedException {
        PreservingClient meanwhile = new PreservingClient(platform, "client" + adoptions.size() + "-");
        Thread thread = Thread.ofPlatform().start(meanwhile);
        try (AdminClient client = platform.connect()) {
            meanwhile.await(CALLS_BESIDE);
            long start = System.nanoTime();
            client.call("bundle.adopt", Map.of("bundle", HANDLER, "file", jar.toString()));
            adoptions.add((System.nanoTime() - start) / 1e6);
            meanwhile.await(CALLS_BESIDE);
        } finally {
            meanwhile.end();
            thread.join();
        }
        waits.add(meanwhile.longestMillis());
        calls += meanwhile.calls();
    }

    /** What was adopted goes over a live update, and is as it was. */
    private static void verify(PlatformProcess platform) throws IOException, AdminException {
        Map<String, Object> report;
        try (AdminClient client = platform.connect()) {
            report = client.call("update", Map.of());
        }
        PlatformProcess.awaitEnd(((Number) report.get("predecessor_pid")).longValue(), PATIENCE);
        platform.awaitReady(PATIENCE);
        try (AdminClient client = platform.connect()) {
            Map<String, Object> found = client.call("workload.verify", Map.of());
            if (!(found.get("mismatch_count") instanceof Number mismatches) || mismatches.longValue() != 0) {
                throw new IOException("after the adoptions not all is as it was: " + found);
            }
        }
    }

    /** The handler's bundle with another version. */
    private static Path variant(Path home, Path directory, int version) throws IOException {
        Path original;
        try (Stream<Path> bundles = Files.list(home.resolve("bundles"))) {
            original = bundles.filter(jar -> jar.getFileName().toString().startsWith("handler-memfd"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no handler-memfd in " + home.resolve("bundles")));
        }
        Path variant = directory.resolve("handler-" + version + ".jar");
        try (JarFile jar = new JarFile(original.toFile())) {
            Manifest manifest = jar.getManifest();
            manifest.getMainAttributes().put(new Attributes.Name("Bundle-Version"), "99.0." + version);
            try (OutputStream file = Files.newOutputStream(variant);
                    JarOutputStream copy = new JarOutputStream(file, manifest)) {
                for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        copy.putNextEntry(new JarEntry(entry.getName()));
                        jar.getInputStream(entry).transferTo(copy);
                    }
                }
            }
        }
        return variant;
    }

    private void print() {
        Sample all = Sample.of(adoptions);
        System.out.printf("%8s  %26s  %26s  %8s%n", "files", "adoption ms", "longest call ms", "calls");
        System.out.printf("%8d  %26s  %26s  %8d%n", files, all, Sample.of(waits), calls);
        System.out.println("median (least–most); the first of the process: "
                + String.format("%.0f ms", adoptions.getFirst()) + "; none of the client's calls failed");
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("benchmark", "adopt");
            object.put("machine", Machine.describe());
            object.put("files", files);
            object.put("adoption_ms", adoptions);
            object.put("longest_call_ms", waits);
            object.put("calls", calls);
            System.out.println(new Gson().toJson(object));
        }
    }
}
