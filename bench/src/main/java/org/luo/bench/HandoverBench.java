// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.luo.Amount;
import org.luo.cli.AdminClient;
import org.luo.cli.AdminException;
import org.luo.cli.PlatformProcess;
import org.luo.cli.PlatformSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Blackout of a process handover, from the first freeze until the successor has confirmed, end to end: real platform,
 * real memfds, one live update after the other; after each the C floor with as many files and an image as large.
 */
@Command(
        name = "handover",
        description = "Blackout of a live update to a successor JVM, beside a C program that passes as much.")
final class HandoverBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FLOOR_RUNS = 3;
    private static final long BYTES_PER_FILE = 4096;

    @Option(
            names = "--files",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,1000,10000",
            description = "default: ${DEFAULT-VALUE}")
    private List<Integer> files;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            defaultValue = "memfd",
            description =
                    "${COMPLETION-CANDIDATES}, in turn in one platform; default: ${DEFAULT-VALUE}. hugetlb needs a"
                            + " free huge page per file (sysctl vm.nr_hugepages)")
    private List<Kind> kinds;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "7",
            description = "live updates per kind and number of files; ${DEFAULT-VALUE}")
    private int runs;

    @Option(names = "--bytes", paramLabel = "B", description = "bytes preserved in all; default: 4096 per file")
    private Long bytes;

    @Option(names = "--json", description = "print one JSON object on the last line")
    private boolean json;

    /** What the files are. */
    enum Kind {
        /** Ordinary memfds. */
        MEMFD,
        /** Memfds of huge pages. */
        HUGETLB;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() throws IOException, AdminException {
        Path directory = Files.createTempDirectory(runDirectories(), "luob");
        try {
            Optional<CProgram> floor = CProgram.build(directory, "floor");
            if (floor.isEmpty()) {
                System.err.println("luo bench: no C compiler (cc, gcc, clang) on the PATH, so no C column");
            }
            List<HandoverRow> rows = new ArrayList<>();
            for (int count : files) {
                rows.addAll(measure(count, Files.createTempDirectory(directory, "f"), floor));
            }
            print(rows);
            return 0;
        } finally {
            delete(directory);
        }
    }

    /** Where run directories are on most machines: a tmpfs, if there is one; a socket's path must be short. */
    static Path runDirectories() {
        List<Path> writable = Stream.of(
                        Objects.requireNonNullElse(System.getenv("XDG_RUNTIME_DIR"), "/run"), "/dev/shm", "/tmp")
                .map(Path::of)
                .filter(Files::isWritable)
                .toList();
        return writable.stream().filter(HandoverBench::isTmpfs).findFirst().orElseGet(writable::getFirst);
    }

    private static boolean isTmpfs(Path directory) {
        try {
            return Files.getFileStore(directory).type().equals("tmpfs");
        } catch (IOException e) {
            return false;
        }
    }

    private List<HandoverRow> measure(int count, Path directory, Optional<CProgram> floor)
            throws IOException, AdminException {
        PlatformSettings settings = PlatformSettings.of(Path.of(System.getProperty("luo.home")), directory);
        List<HandoverRow> rows =
                kinds.stream().map(kind -> new HandoverRow(kind, count)).toList();
        try (PlatformProcess platform = PlatformProcess.start(settings)) {
            platform.awaitReady(PATIENCE);
            for (int run = 1; run <= runs; run++) {
                for (HandoverRow row : rows) {
                    System.err.printf(
                            "%s, %s, live update %d of %d%n", Amount.of(count, "file"), row.kind(), run, runs);
                    row.add(update(platform, row, run));
                    if (floor.isPresent()) {
                        row.addFloor(floor.get().figures(Map.of(), count, row.imageBytes(), FLOOR_RUNS));
                    }
                }
            }
        }
        return rows;
    }

    private Map<String, Object> update(PlatformProcess platform, HandoverRow row, int run)
            throws IOException, AdminException {
        int count = row.files();
        long total = bytes == null ? count * BYTES_PER_FILE : bytes;
        int huge = row.kind() == Kind.HUGETLB ? count : 0;
        Map<String, Object> report;
        try (AdminClient client = platform.connect()) {
            client.call(
                    "workload.preserve",
                    Map.of("sessions", List.of("bench"), "files", count, "bytes", total, "seed", run, "huge", huge));
            report = client.call("update", Map.of());
        }
        PlatformProcess.awaitEnd(((Number) report.get("predecessor_pid")).longValue(), PATIENCE);
        platform.awaitReady(PATIENCE);
        try (AdminClient client = platform.connect()) {
            Map<String, Object> found = client.call("workload.verify", Map.of());
            if (!(found.get("mismatch_count") instanceof Number mismatches) || mismatches.longValue() != 0) {
                throw new IOException(
                        "after a live update with " + Amount.of(count, "file") + " not all is as it was: " + found);
            }
            client.call("workload.finish", Map.of());
        }
        return report;
    }

    private void print(List<HandoverRow> rows) {
        System.out.printf(
                "%8s  %-7s  %26s  %26s  %6s  %10s%n", "files", "kind", "blackout ms", "C ms", "ratio", "image");
        rows.forEach(row -> System.out.printf(
                "%8d  %-7s  %26s  %26s  %6s  %10d%n",
                row.files(), row.kind(), row.blackout(), row.floor(), row.ratioText(), row.imageBytes()));
        System.out.println("median (least–most); ratio of medians");
        for (int first = 0; first < rows.size(); first += kinds.size()) {
            HandoverRow base = rows.get(first);
            rows.subList(first + 1, first + kinds.size()).forEach(row -> System.out.println(row.comparison(base)));
        }
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("benchmark", "handover");
            object.put("machine", Machine.describe());
            object.put("runs", runs);
            object.put("rows", rows.stream().map(HandoverRow::json).toList());
            System.out.println(new Gson().toJson(object));
        }
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
