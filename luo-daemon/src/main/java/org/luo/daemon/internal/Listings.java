// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.luo.Compatible;
import org.luo.Direction;
import org.luo.FileInfo;
import org.luo.FlbInfo;
import org.luo.HandlerInfo;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.RejectedPlugin;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.SubsystemInfo;
import org.luo.admin.AdminCommand;

/**
 * {@code sessions}, {@code files}, {@code handlers}, {@code flbs}, {@code subsystems}, {@code rejected}: what the orchestrator
 * has.
 */
final class Listings {
    private final Orchestration platform;

    /** What tells sessions apart. */
    private record Holder(SessionName name, Direction direction) {}

    Listings(Orchestration platform) {
        this.platform = platform;
    }

    List<AdminCommand> all() {
        return List.of(
                new BuiltIn("sessions", "every session", List.of(), this::sessions),
                listing("files", "every file that is kept", Orchestrator::files, Listings::describe),
                new BuiltIn("handlers", "the file handlers", List.of(), this::handlers),
                listing("flbs", "the file-lifecycle-bound objects", Orchestrator::flbs, Listings::describe),
                listing("subsystems", "the subsystems", Orchestrator::subsystems, Listings::describe),
                listing("rejected", "the plug-ins not taken, and why", Orchestrator::rejected, Listings::describe));
    }

    private Map<String, Object> sessions(Map<String, Object> arguments) throws LuoException {
        Orchestrator orchestrator = platform.orchestrator();
        Map<Holder, List<FileInfo>> files = orchestrator.files().stream()
                .collect(Collectors.groupingBy(file -> new Holder(file.session(), file.direction())));
        return Map.of(
                "sessions",
                orchestrator.sessions().stream()
                        .map(session -> describe(
                                session,
                                files.getOrDefault(new Holder(session.name(), session.direction()), List.of())))
                        .toList());
    }

    private <T> AdminCommand listing(
            String name,
            String description,
            Function<Orchestrator, List<T>> entries,
            Function<T, Map<String, Object>> describe) {
        return new BuiltIn(name, description, List.of(), arguments -> list(name, entries, describe));
    }

    private <T> Map<String, Object> list(
            String name, Function<Orchestrator, List<T>> entries, Function<T, Map<String, Object>> describe)
            throws LuoException {
        return Map.of(
                name,
                entries.apply(platform.orchestrator()).stream().map(describe).toList());
    }

    /** @param files the session's own */
    static Map<String, Object> describe(SessionInfo session, List<FileInfo> files) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", session.name().toString());
        entry.put("direction", lower(session.direction()));
        entry.put("files", (long) session.files());
        entry.put("bytes", files.stream().mapToLong(FileInfo::size).sum());
        entry.put("state_bytes", files.stream().mapToLong(FileInfo::stateBytes).sum());
        entry.put("claimed", session.claimed());
        entry.put("carried", (long) session.carried());
        return entry;
    }

    static Map<String, Object> describe(FileInfo file) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("session", file.session().toString());
        entry.put("token", file.token().toString());
        entry.put("direction", lower(file.direction()));
        entry.put("compatible", file.compatible().text());
        entry.put("phase", lower(file.phase()));
        entry.put("bytes", file.size());
        entry.put("state_bytes", (long) file.stateBytes());
        entry.put("bundle", file.bundle());
        entry.put("preserved_at", file.preservedAt());
        return entry;
    }

    private Map<String, Object> handlers(Map<String, Object> arguments) throws LuoException {
        Orchestrator orchestrator = platform.orchestrator();
        List<RejectedPlugin> rejected = orchestrator.rejected();
        List<Map<String, Object>> entries = new ArrayList<>();
        for (HandlerInfo handler : orchestrator.handlers()) {
            Map<String, Object> entry = describe(handler);
            entry.put("reason", reason(handler, rejected));
            entries.add(entry);
        }
        return Map.of("handlers", entries);
    }

    /** Why a handler can't be used; empty if it can. */
    private static String reason(HandlerInfo handler, List<RejectedPlugin> rejected) {
        return switch (handler.status()) {
            case ACTIVE -> "";
            case ORPHANED -> "its service is gone; the files wait for one that reads them";
            case REJECTED ->
                rejected.stream()
                        .filter(plugin -> plugin.bundle().equals(handler.bundle())
                                && plugin.compatible()
                                        .equals(handler.compatible().text()))
                        .findFirst()
                        .map(RejectedPlugin::reason)
                        .orElse("");
        };
    }

    private static Map<String, Object> describe(HandlerInfo handler) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("compatible", handler.compatible().text());
        entry.put("reads", handler.reads().stream().map(Compatible::text).toList());
        entry.put("flbs", handler.flbs().stream().map(Compatible::text).toList());
        entry.put("bundle", handler.bundle());
        entry.put("files", (long) handler.files());
        entry.put("status", lower(handler.status()));
        return entry;
    }

    private static Map<String, Object> describe(FlbInfo flb) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("compatible", flb.compatible().text());
        entry.put("bundle", flb.bundle());
        entry.put("outgoing", flb.outgoing());
        entry.put("incoming", flb.incoming());
        entry.put("status", lower(flb.status()));
        return entry;
    }

    private static Map<String, Object> describe(SubsystemInfo subsystem) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", subsystem.name());
        entry.put("kind", subsystem.kind());
        entry.put("phase", lower(subsystem.phase()));
        entry.put("state_bytes", (long) subsystem.stateBytes());
        entry.put("bundle", subsystem.bundle());
        entry.put("status", lower(subsystem.status()));
        return entry;
    }

    private static Map<String, Object> describe(RejectedPlugin rejected) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("kind", rejected.kind());
        entry.put("compatible", rejected.compatible());
        entry.put("bundle", rejected.bundle());
        entry.put("reason", rejected.reason());
        return entry;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
