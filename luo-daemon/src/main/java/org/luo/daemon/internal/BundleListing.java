// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.luo.deploy.Deployment;
import org.osgi.framework.Bundle;

/** {@code bundles}: what is installed, and what the deploy folder has led to. */
final class BundleListing {
    private final Platform platform;

    BundleListing(Platform platform) {
        this.platform = platform;
    }

    Map<String, Object> list(Map<String, Object> arguments) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put(
                "bundles",
                Arrays.stream(platform.context().getBundles())
                        .map(this::describe)
                        .toList());
        if (platform.folder() != null) {
            answer.put("folder", platform.folder().directory().toString());
            answer.put(
                    "deployments",
                    platform.folder().deployments().stream().map(this::describe).toList());
        }
        return answer;
    }

    private Map<String, Object> describe(Deployment deployment) {
        Bundle bundle = deployment.bundle() == Deployment.NONE
                ? null
                : platform.context().getBundle(deployment.bundle());
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("file", deployment.file());
        entry.put("bundle", bundle == null ? null : BundleCommands.shown(bundle));
        entry.put("wanted", lower(deployment.wanted()));
        entry.put("status", lower(deployment.status()));
        entry.put("reason", BundleCommands.withoutErrno(deployment.reason()));
        return entry;
    }

    Map<String, Object> describe(Bundle bundle) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("id", bundle.getBundleId());
        entry.put("name", bundle.getSymbolicName());
        entry.put("version", bundle.getVersion().toString());
        entry.put("state", state(bundle));
        entry.put("pinned", pinned(bundle));
        return entry;
    }

    private long pinned(Bundle bundle) {
        return platform.pins()
                .map(pins -> pins.pinned().getOrDefault(bundle.getBundleId(), 0))
                .orElse(0);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static String state(Bundle bundle) {
        return switch (bundle.getState()) {
            case Bundle.ACTIVE -> "active";
            case Bundle.RESOLVED -> "resolved";
            case Bundle.INSTALLED -> "installed";
            case Bundle.STARTING -> "starting";
            case Bundle.STOPPING -> "stopping";
            default -> "uninstalled";
        };
    }
}
