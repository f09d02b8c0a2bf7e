// SPDX-License-Identifier: Apache-2.0
package org.apache.felix.framework;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Requirement;

/**
 * Refuses a refresh to the one who asks for it: Felix only queues it, and where it is carried out there is nobody left
 * to tell. All else is Felix's.
 */
record PinnedWiring(PinningFelix framework, FrameworkWiring wiring) implements FrameworkWiring {
    @Override
    public void refreshBundles(Collection<Bundle> bundles, FrameworkListener... listeners) {
        check(bundles);
        wiring.refreshBundles(bundles, listeners);
    }

    /** Takes none of Felix's lasting locks: the caller may hold any, and never waits here in Felix. */
    private void check(Collection<Bundle> bundles) {
        String operation = PinningFelix.refreshOf(bundles);
        try {
            framework
                    .leave(operation, framework.ids(bundles == null ? removalPending() : bundles))
                    .close();
        } catch (BundleException refused) {
            throw new IllegalStateException(refused.getMessage(), refused);
        }
    }

    /** Those that a refresh of everything would take, among the bundles that are needed. */
    private Collection<Bundle> removalPending() {
        Set<Long> pinned = framework.pins().pinned().keySet();
        Set<Long> needed = new HashSet<>(pinned);
        pinned.forEach(bundle -> needed.addAll(framework.providers(bundle)));
        return needed.stream()
                .map(framework::getBundle)
                .filter(bundle -> bundle instanceof BundleImpl impl && impl.isRemovalPending())
                .toList();
    }

    @Override
    public boolean resolveBundles(Collection<Bundle> bundles) {
        return wiring.resolveBundles(bundles);
    }

    @Override
    public Collection<Bundle> getRemovalPendingBundles() {
        return wiring.getRemovalPendingBundles();
    }

    @Override
    public Collection<Bundle> getDependencyClosure(Collection<Bundle> bundles) {
        return wiring.getDependencyClosure(bundles);
    }

    @Override
    public Collection<BundleCapability> findProviders(Requirement requirement) {
        return wiring.findProviders(requirement);
    }

    @Override
    public Bundle getBundle() {
        return framework;
    }
}
