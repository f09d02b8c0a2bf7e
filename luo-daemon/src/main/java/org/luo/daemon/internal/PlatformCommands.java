// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.SessionInfo;
import org.luo.UpdateReport;
import org.luo.admin.AdminCommand;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/** {@code status}, {@code update} and {@code stop}: the platform as a whole. */
final class PlatformCommands {
    private final Platform platform;

    /**
     * What kind of live update is asked for.
     *
     * @param kind which handover
     * @param options what that understands
     */
    record Update(String kind, Map<String, String> options) {
        /** @throws LuoException EINVAL if an argument is no text */
        static Update parse(Map<String, Object> arguments) throws LuoException {
            Map<String, String> options = new TreeMap<>();
            for (String name : arguments.keySet()) {
                options.put(name, BuiltIn.text(arguments, name));
            }
            String kind = options.remove("kind");
            return new Update(kind == null ? "process" : kind, options);
        }
    }

    PlatformCommands(Platform platform) {
        this.platform = platform;
    }

    List<AdminCommand> all() {
        return List.of(
                new BuiltIn("status", "what the platform is and how it is doing", List.of(), this::status),
                new BuiltIn(
                        "update",
                        "live-updates the platform; takes kind and the handover's options",
                        null,
                        this::update),
                new BuiltIn("stop", "ends the platform; force loses what is preserved", List.of("force"), this::stop));
    }

    private Map<String, Object> status(Map<String, Object> arguments) throws LuoException {
        Orchestrator orchestrator = platform.orchestrator();
        List<SessionInfo> sessions = orchestrator.sessions();
        List<String> inactive = BundleCommands.inactive(platform.context());
        ProcessHandle process = ProcessHandle.current();
        Duration up = Duration.between(process.info().startInstant().orElse(Instant.now()), Instant.now());
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("pid", process.pid());
        status.put("ready", platform.isUp() && inactive.isEmpty());
        status.put("uptime_ms", up.toMillis());
        status.put("java", Runtime.version().toString());
        status.put("java_home", System.getProperty("java.home"));
        status.put("state", orchestrator.state().toString());
        status.put("live_updates", orchestrator.liveUpdates());
        status.put("sessions", (long) sessions.size());
        status.put("files", sessions.stream().mapToLong(SessionInfo::files).sum());
        status.put("rss_kb", residentKilobytes());
        status.put("enforcement", platform.enforcement());
        status.put("not_active", inactive);
        status.put(
                "callbacks",
                orchestrator.callbacks().stream().map(String::valueOf).toList());
        return status;
    }

    private static long residentKilobytes() throws LuoException {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "status: /proc/self/status: " + e, e);
        }
    }

    private Map<String, Object> update(Map<String, Object> arguments) throws LuoException {
        Update update = Update.parse(arguments);
        return describe(platform.orchestrator().update(update.kind(), update.options()));
    }

    private static Map<String, Object> describe(UpdateReport report) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("kind", report.kind());
        result.put("number", report.number());
        result.put("predecessor_pid", report.predecessorPid());
        result.put("successor_pid", report.successorPid());
        result.put("sessions", (long) report.sessions());
        result.put("files", (long) report.files());
        result.put("image_bytes", report.imageBytes());
        result.put("blackout_ms", milliseconds(report.blackoutNanos()));
        result.put(
                "phases",
                report.phases().stream().map(PlatformCommands::describe).toList());
        return result;
    }

    private static Map<String, Object> describe(UpdateReport.Phase phase) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", phase.name());
        result.put("ms", milliseconds(phase.nanos()));
        result.put("blackout", phase.blackout());
        return result;
    }

    static double milliseconds(long nanos) {
        return nanos / 1_000 / 1e3;
    }

    private Map<String, Object> stop(Map<String, Object> arguments) throws LuoException {
        if (!BuiltIn.flag(arguments, "force")) {
            refuseLoss(platform.orchestrator().files());
        }
        try {
            platform.context().getBundle(Constants.SYSTEM_BUNDLE_ID).stop();
        } catch (BundleException e) {
            throw LuoException.of(Errno.EBUSY, "stop: " + BundleCommands.reason(e), e);
        }
        return Map.of("pid", ProcessHandle.current().pid());
    }

    private static void refuseLoss(List<FileInfo> files) throws LuoException {
        if (!files.isEmpty()) {
            Map<String, Integer> lost = new LinkedHashMap<>();
            files.forEach(file -> lost.merge(file.session().toString(), 1, Integer::sum));
            List<String> sessions = lost.entrySet().stream()
                    .limit(8)
                    .map(session -> session.getKey() + " (" + session.getValue() + ")")
                    .toList();
            String more = lost.size() > sessions.size() ? " and " + (lost.size() - sessions.size()) + " more" : "";
            throw LuoException.of(
                    Errno.EBUSY,
                    "stop refused: " + Amount.of(files.size(), "file") + " would be lost, in sessions "
                            + String.join(", ", sessions) + more);
        }
    }
}
