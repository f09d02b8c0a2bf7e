// SPDX-License-Identifier: Apache-2.0
package org.apache.felix.framework;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Follows a bundle's wires: imported packages, required bundles, the extender that brings its components to life, and
 * the fragments attached on the way.
 *
 * <p>The pin table calls this under its lock, so nothing here may take one of Felix's: only fields that are final or
 * volatile are read. That rules out {@code getProvidedWires}, {@code getRevisions} and, because of its hooks,
 * {@code BundleContext.getBundle}.
 */
final class Wires {
    private final Set<Long> reached = new HashSet<>();
    private final Set<BundleWiring> seen = new HashSet<>();
    private final Deque<BundleWiring> ahead = new ArrayDeque<>();

    private Wires() {}

    /** The ids of the bundles that this one is wired to, directly or through others; never the framework's. */
    static Set<Long> providers(Bundle bundle) {
        Wires wires = new Wires();
        if (bundle instanceof BundleImpl impl && bundle.getBundleId() != 0) {
            wires.follow(impl.adapt(BundleRevisionImpl.class).getWiring());
            wires.walk();
        }
        return wires.reached;
    }

    private void walk() {
        while (!ahead.isEmpty()) {
            BundleWiring wiring = ahead.remove();
            // Null if a refresh has just disposed of the wiring.
            List<BundleWire> required = wiring.getRequiredWires(null);
            if (required != null) {
                required.forEach(wire -> reach(wire.getProvider()));
            }
            List<BundleRevision> fragments = ((BundleWiringImpl) wiring).getFragments();
            if (fragments != null) {
                fragments.forEach(this::reach);
            }
        }
    }

    /** By revision and not by bundle: after an update, wires lead to the provider's earlier revision. */
    private void reach(BundleRevision revision) {
        long id = revision.getBundle().getBundleId();
        if (id != 0) {
            reached.add(id);
            follow(revision.getWiring());
        }
    }

    private void follow(BundleWiring wiring) {
        if (wiring != null && seen.add(wiring)) {
            ahead.add(wiring);
        }
    }
}
