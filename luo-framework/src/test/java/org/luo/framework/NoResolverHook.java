// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.util.Collection;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** Lets the resolver do as it likes. */
final class NoResolverHook implements ResolverHook {
    @Override
    public void filterResolvable(Collection<BundleRevision> candidates) {
        // all may
    }

    @Override
    public void filterSingletonCollisions(BundleCapability singleton, Collection<BundleCapability> candidates) {
        // none is one
    }

    @Override
    public void filterMatches(BundleRequirement requirement, Collection<BundleCapability> candidates) {
        // all do
    }

    @Override
    public void end() {
        // nothing to tidy
    }
}
