// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.luo.pin.PinTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.util.tracker.BundleTracker;

/**
 * The pin table of a framework that has none: the same books, following the same wires as the framework with pins does,
 * for those who ask before they let a bundle go. Who does not ask is not refused, and leaves orphans.
 *
 * <p>Context: the table calls in here under its lock. Bundles are looked up in a map of its own, since asking the
 * framework would call hooks; wires are asked for, which takes locks that no framework holds while it calls out.
 */
final class AdvisoryPins {
    private static final int EVER_PRESENT =
            Bundle.INSTALLED | Bundle.RESOLVED | Bundle.STARTING | Bundle.ACTIVE | Bundle.STOPPING;

    private final BundleContext context;
    private final Map<Long, Bundle> bundles = new ConcurrentHashMap<>();
    private final BundleTracker<Bundle> tracker;
    private final PinTable table = new PinTable(this::providers, this::isRunning);
    private ServiceRegistration<PinTable> registration;

    AdvisoryPins(BundleContext context) {
        this.context = context;
        this.tracker = new BundleTracker<>(context, EVER_PRESENT, null) {
            @Override
            public Bundle addingBundle(Bundle bundle, BundleEvent event) {
                bundles.put(bundle.getBundleId(), bundle);
                return bundle;
            }

            @Override
            public void removedBundle(Bundle bundle, BundleEvent event, Bundle object) {
                bundles.remove(bundle.getBundleId());
            }
        };
        tracker.open();
    }

    PinTable table() {
        return table;
    }

    /** Undo: {@link #close}. */
    void publish() {
        registration = context.registerService(
                PinTable.class, table, FrameworkUtil.asDictionary(Map.of(PinTable.ENFORCEMENT, PinTable.ADVISORY)));
    }

    void close() {
        if (registration != null) {
            Callbacks.unfailing(registration, "unregister", registration::unregister);
        }
        tracker.close();
    }

    private boolean isRunning(long id) {
        Bundle bundle = bundles.get(id);
        return bundle != null && (bundle.getState() & (Bundle.STARTING | Bundle.ACTIVE)) != 0;
    }

    /** What a bundle is wired to, directly or through others: providers and attached fragments; never the framework. */
    private Set<Long> providers(long id) {
        Set<Long> reached = new HashSet<>();
        Set<BundleWiring> seen = new HashSet<>();
        Deque<BundleWiring> ahead = new ArrayDeque<>();
        Bundle bundle = bundles.get(id);
        follow(bundle == null || id == 0 ? null : bundle.adapt(BundleWiring.class), seen, ahead);
        while (!ahead.isEmpty()) {
            BundleWiring wiring = ahead.remove();
            for (BundleWire wire : wires(wiring.getRequiredWires(null))) {
                reach(wire.getProvider(), reached, seen, ahead);
            }
            for (BundleWire wire : wires(wiring.getProvidedWires(HostNamespace.HOST_NAMESPACE))) {
                reach(wire.getRequirer(), reached, seen, ahead);
            }
        }
        return reached;
    }

    /** By revision and not by bundle: after an update, wires lead to the provider's earlier revision. */
    private static void reach(
            BundleRevision revision, Set<Long> reached, Set<BundleWiring> seen, Deque<BundleWiring> ahead) {
        long id = revision.getBundle().getBundleId();
        if (id != 0) {
            reached.add(id);
            follow(revision.getWiring(), seen, ahead);
        }
    }

    private static void follow(BundleWiring wiring, Set<BundleWiring> seen, Deque<BundleWiring> ahead) {
        if (wiring != null && seen.add(wiring)) {
            ahead.add(wiring);
        }
    }

    /** None if a refresh has just disposed of the wiring. */
    private static List<BundleWire> wires(List<BundleWire> wires) {
        return wires == null ? List.of() : wires;
    }
}
