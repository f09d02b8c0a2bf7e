// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/** How far the launcher is, which starts the bundles one after the other once the framework runs. */
public final class Launch {
    /** Framework property: the start level to which our launcher goes when the last bundle has been started. */
    public static final String UP = "luo.startlevel.up";

    private Launch() {}

    /**
     * Whether every bundle has been started, with its components: a bundle is active a moment before those are there. Of
     * somebody else's launcher, which sets no {@link #UP}, it is taken for granted.
     *
     * @param context of any bundle that is active
     */
    public static boolean isOver(BundleContext context) {
        String level = context.getProperty(UP);
        return level == null
                || context.getBundle(Constants.SYSTEM_BUNDLE_ID)
                                .adapt(FrameworkStartLevel.class)
                                .getStartLevel()
                        >= Integer.parseInt(level);
    }
}
