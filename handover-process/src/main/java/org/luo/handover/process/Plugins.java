// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.util.stream.Stream;
import org.luo.handover.Launch;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;

/** Whether this framework has come up: not before are all formats known that can be read here. */
final class Plugins {
    private final BundleContext context;
    private final boolean lenient;

    /** @param context its property {@code luo.lenient} says that the launcher goes on without bundles that fail */
    Plugins(BundleContext context) {
        this.context = context;
        this.lenient = Boolean.parseBoolean(context.getProperty("luo.lenient"));
    }

    /** Whether the framework runs. */
    boolean frameworkIsUp() {
        return context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() == Bundle.ACTIVE;
    }

    /** Whether every bundle has been started as well, with its components. */
    boolean allAreUp() {
        return frameworkIsUp()
                && Launch.isOver(context)
                && Stream.of(context.getBundles()).allMatch(this::isUp);
    }

    private boolean isUp(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        BundleStartLevel start = bundle.adapt(BundleStartLevel.class);
        if (bundle.getState() == Bundle.ACTIVE
                || revision != null && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) != 0) {
            return true;
        }
        if (bundle.getState() == Bundle.STARTING) {
            return start.isActivationPolicyUsed();
        }
        return lenient && start.isPersistentlyStarted();
    }
}
