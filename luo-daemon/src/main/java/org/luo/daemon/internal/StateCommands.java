// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luo.Direction;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.Statistics;
import org.luo.admin.AdminCommand;

/** {@code state} and what changes it: {@code prepare}, {@code freeze}, {@code cancel}, {@code finish}; {@code stats}. */
final class StateCommands {
    private static final List<String> NONE = List.of();

    private final Orchestration platform;

    /** A transition. */
    @FunctionalInterface
    private interface Step {
        void take(Orchestrator orchestrator) throws LuoException;
    }

    StateCommands(Orchestration platform) {
        this.platform = platform;
    }

    List<AdminCommand> all() {
        return List.of(
                step("state", "where the platform is between two live updates", orchestrator -> {}),
                step("prepare", "prepares a live update, while workloads run", Orchestrator::prepare),
                step("freeze", "makes everything final; session calls wait", Orchestrator::freeze),
                step("cancel", "takes prepare and freeze back", Orchestrator::cancel),
                step("finish", "tells everybody that the live update is over", Orchestrator::finish),
                new BuiltIn("stats", "live updates so far, and how long they took", NONE, this::statistics));
    }

    private AdminCommand step(String name, String description, Step step) {
        return new BuiltIn(name, description, NONE, arguments -> {
            Orchestrator orchestrator = platform.orchestrator();
            step.take(orchestrator);
            return describe(orchestrator);
        });
    }

    private static Map<String, Object> describe(Orchestrator orchestrator) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("state", orchestrator.state().toString());
        result.put("live_updates", orchestrator.liveUpdates());
        result.put(
                "incoming",
                orchestrator.sessions().stream()
                        .filter(session -> session.direction() == Direction.INCOMING)
                        .map(session -> session.name().toString())
                        .toList());
        return result;
    }

    private Map<String, Object> statistics(Map<String, Object> arguments) throws LuoException {
        Statistics statistics = platform.orchestrator().statistics();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("done", statistics.done());
        result.put("failed", statistics.failed());
        result.put("rolled_back", statistics.rolledBack());
        result.put("kinds", new TreeMap<>(statistics.kinds()));
        result.put("recovered", statistics.recovered());
        result.put(
                "phases",
                statistics.phases().stream().map(StateCommands::describe).toList());
        return result;
    }

    private static Map<String, Object> describe(Statistics.PhaseTimes phase) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", phase.name());
        entry.put("count", phase.count());
        entry.put("last_ms", PlatformCommands.milliseconds(phase.last()));
        entry.put("p50_ms", PlatformCommands.milliseconds(phase.p50()));
        entry.put("p90_ms", PlatformCommands.milliseconds(phase.p90()));
        entry.put("p99_ms", PlatformCommands.milliseconds(phase.p99()));
        return entry;
    }
}
