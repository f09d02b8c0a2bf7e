// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The steps of {@code luo demo} against a platform that has been started: start, preserve, refuse, write, update, verify,
 * finish, stop. Each adds its findings to one report; a step that throws ends the demonstration.
 */
final class Demo {
    private static final List<String> SESSIONS = List.of("vm1", "vm2");
    private static final String HANDLER = "org.luo.handler.memfd";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(30);

    private final PlatformProcess platform;
    private final Consumer<String> progress;
    private final Map<String, Object> report = new LinkedHashMap<>();

    Demo(PlatformProcess platform, Consumer<String> progress) {
        this.platform = platform;
        this.progress = progress;
        report.put("verified", false);
        report.put("refused", false);
    }

    /** What has been found so far, by the names that {@code --json} prints. */
    Map<String, Object> report() {
        return report;
    }

    /** Whether the platform came up. */
    boolean hasStarted() {
        return report.containsKey("predecessor_pid");
    }

    /** Whether all held. */
    boolean held() {
        return List.of("verified", "refused", "in_place", "predecessor_ended", "successor_ended").stream()
                .allMatch(finding -> Boolean.TRUE.equals(report.get(finding)));
    }

    /** Runs all steps. */
    void run(Map<String, Object> workload) throws IOException, AdminException {
        awaitPlatform();
        try (AdminClient client = platform.connect()) {
            preserve(client, workload);
            tryToStopTheHandler(client);
            write(client);
            update(client);
            verify(client);
            finish(client);
            stop(client);
        }
    }

    private void awaitPlatform() throws IOException, AdminException {
        long begin = System.nanoTime();
        platform.awaitReady(START);
        try (AdminClient client = platform.connect()) {
            Map<String, Object> status = client.call("status", Map.of());
            report.put("predecessor_pid", Json.number(status, "pid"));
            report.put("java", Json.text(status, "java"));
            say(
                    "start",
                    "process %d on Java %s, pins %s",
                    begin,
                    Json.number(status, "pid"),
                    Json.text(status, "java"),
                    Json.text(status, "enforcement"));
        }
    }

    private void preserve(AdminClient client, Map<String, Object> workload) throws IOException, AdminException {
        long begin = System.nanoTime();
        Map<String, Object> request = new LinkedHashMap<>(workload);
        request.put("sessions", SESSIONS);
        Map<String, Object> answer = client.call("workload.preserve", request);
        report.put("seed", Json.number(answer, "seed"));
        report.put("files", Json.number(answer, "files"));
        report.put("bytes", Json.number(answer, "bytes"));
        report.put("sessions", SESSIONS.size());
        say(
                "preserve",
                "%s, %s of pseudo-random data, in sessions %s",
                begin,
                Amount.of(Json.number(answer, "files"), "memfd"),
                ByteSize.format(Json.number(answer, "bytes")),
                String.join(" and ", SESSIONS));
    }

    private void tryToStopTheHandler(AdminClient client) throws IOException {
        long begin = System.nanoTime();
        try {
            client.call("bundle.stop", Map.of("bundle", HANDLER));
            say("stop", "of the memfd handler was not refused", begin);
        } catch (AdminException e) {
            report.put("refused", e.errno().equals("EBUSY"));
            report.put("refusal", e.getMessage());
            say("refused", "%s", begin, e.getMessage());
        }
    }

    private void write(AdminClient client) throws IOException, AdminException {
        long begin = System.nanoTime();
        Map<String, Object> answer = client.call("workload.write", Map.of());
        report.put("written_bytes", Json.number(answer, "bytes"));
        report.put("shmem_before_kb", shmem(client));
        say("write", "%d bytes more, after preserve", begin, Json.number(answer, "bytes"));
    }

    private void update(AdminClient client) throws IOException, AdminException {
        long begin = System.nanoTime();
        Map<String, Object> answer = client.call("update", Map.of("kind", "process"));
        report.put("blackout_ms", Json.decimal(answer, "blackout_ms"));
        report.put("phases", Json.objects(answer, "phases"));
        long successor = Json.number(client.call("status", Map.of()), "pid");
        report.put("successor_pid", successor);
        report.put("shmem_after_kb", shmem(client));
        say(
                "update",
                "process %d serves, blackout %s ms",
                begin,
                successor,
                UpdateCommand.milliseconds(Json.decimal(answer, "blackout_ms")));
        long predecessor = Json.number(report, "predecessor_pid");
        report.put("predecessor_ended", successor != predecessor && PlatformProcess.awaitEnd(predecessor, END));
    }

    private void verify(AdminClient client) throws IOException, AdminException {
        long begin = System.nanoTime();
        Map<String, Object> answer = client.call("workload.verify", Map.of());
        long files = Json.number(answer, "files");
        long mismatches = Json.number(answer, "mismatch_count");
        boolean complete =
                files == Json.number(report, "files") && Json.number(answer, "bytes") == Json.number(report, "bytes");
        report.put("mismatches", answer.get("mismatches"));
        report.put("verified", complete && mismatches == 0);
        report.put("in_place", Json.number(answer, "same_inode") == files);
        say(
                "verify",
                "%s: %s",
                begin,
                Amount.of(files, "file"),
                complete && mismatches == 0
                        ? "every checksum, position, seal, mode and size as expected"
                        : mismatches
                                + (mismatches == 1 ? " mismatch: " : " mismatches: ")
                                + Json.text(answer, "mismatches"));
    }

    private void finish(AdminClient client) throws IOException, AdminException {
        long begin = System.nanoTime();
        Map<String, Object> answer = client.call("workload.finish", Map.of());
        report.put("shmem_finished_kb", shmem(client));
        say("finish", "%s", begin, Amount.of(Json.number(answer, "sessions"), "session"));
    }

    private void stop(AdminClient client) throws IOException, AdminException {
        long begin = System.nanoTime();
        long successor = Json.number(report, "successor_pid");
        client.call("stop", Map.of());
        report.put(
                "successor_ended",
                PlatformProcess.awaitEnd(successor, END)
                        && platform.generations().isEmpty());
        say("stop", "process %d has ended", begin, successor);
    }

    private static long shmem(AdminClient client) throws IOException, AdminException {
        return Json.number(client.call("workload.shmem", Map.of()), "shmem_kb");
    }

    private void say(String step, String text, long begin, Object... arguments) {
        long milliseconds = (System.nanoTime() - begin) / 1_000_000;
        progress.accept(
                String.format(Locale.ROOT, "%-9s %6d ms  ", step, milliseconds) + String.format(text, arguments));
    }
}
