// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.luo.HandlerInfo;
import org.luo.LuoException;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.FrameworkWiring;

/** What a change of a bundle would do, found without doing any of it. */
final class BundlePlan {
    private static final int NAMED = 8;

    private final Platform platform;
    private final BundleChanges changes;
    private final Map<String, Object> plan = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    /** @param operation the command's last word */
    BundlePlan(Platform platform, BundleChanges changes, String operation) {
        this.platform = platform;
        this.changes = changes;
        plan.put("dry_run", true);
        plan.put("operation", operation);
    }

    /** A jar that has no bundle yet. */
    Map<String, Object> install(BundleFile file) throws LuoException {
        plan.put("bundle", file.symbolicName());
        plan.put("to", file.version());
        return finish(null);
    }

    /** A bundle that is to go, or to be another. */
    Map<String, Object> change(Bundle bundle, BundleFile file, boolean restarts) throws LuoException {
        about(bundle, file);
        if (restarts) {
            refreshed(bundle);
        }
        return finish(changes.refusal(plan.get("operation").toString(), bundle).orElse(null));
    }

    /** A bundle whose files the one in a jar is to adopt. */
    Map<String, Object> adopt(Bundle bundle, BundleFile file) throws LuoException {
        about(bundle, file);
        refreshed(bundle);
        plan.put(
                "moved", handlers(bundle).stream().mapToLong(HandlerInfo::files).sum());
        notes.add("whether the new version reads the files shows when it is started; if not, all stays as it is");
        return finish(adoptionRefused(bundle, file).orElse(null));
    }

    private List<HandlerInfo> handlers(Bundle bundle) throws LuoException {
        return platform.orchestrator().handlers().stream()
                .filter(handler -> handler.bundle().equals(BundleCommands.shown(bundle)))
                .toList();
    }

    private Optional<String> adoptionRefused(Bundle bundle, BundleFile file) throws LuoException {
        String what = "adopt " + BundleCommands.shown(bundle) + ": ";
        if (bundle.getVersion().toString().equals(file.version())) {
            return Optional.of(
                    what + file.path() + " has the same version, " + file.version() + ", and both can't be installed");
        }
        boolean hasFlbs = platform.orchestrator().flbs().stream()
                .anyMatch(flb -> flb.bundle().equals(BundleCommands.shown(bundle)));
        return handlers(bundle).isEmpty() && !hasFlbs
                ? Optional.of(what + "it has no plug-in; a plain update will do")
                : Optional.empty();
    }

    private void about(Bundle bundle, BundleFile file) {
        plan.put("id", bundle.getBundleId());
        plan.put("name", bundle.getSymbolicName());
        plan.put("bundle", BundleCommands.shown(bundle));
        plan.put("version", bundle.getVersion().toString());
        if (file != null) {
            plan.put("to", file.version());
        }
        platform.pins().map(pins -> pins.need(bundle.getBundleId(), NAMED)).ifPresent(need -> {
            plan.put("files", (long) need.count());
            plan.put("first", need.first());
        });
    }

    private void refreshed(Bundle bundle) {
        FrameworkWiring wiring = platform.context().getBundle(0).adapt(FrameworkWiring.class);
        plan.put(
                "refreshed",
                wiring.getDependencyClosure(List.of(bundle)).stream()
                        .filter(other -> other != bundle)
                        .map(BundleCommands::shown)
                        .toList());
    }

    private Map<String, Object> finish(String refusal) {
        Path folder = platform.folder() == null ? null : platform.folder().directory();
        if (plan.containsKey("to") && folder != null) {
            notes.add("the jar is copied to " + folder + ", from where a successor has it too");
        }
        plan.put("refused", refusal);
        plan.put("notes", notes);
        return plan;
    }
}
