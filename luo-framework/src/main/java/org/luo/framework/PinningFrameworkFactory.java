// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.util.HashMap;
import java.util.Map;
import org.apache.felix.framework.PinningFelix;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** Makes frameworks with pins for whoever looks for one by {@code ServiceLoader}, such as Pax Exam. */
public final class PinningFrameworkFactory implements FrameworkFactory {
    /** What the framework exports of its own; the versions are those of the packages in luo-api. */
    static final String EXPORT = "org.luo.pin;version=0.1.0,org.luo.deploy;version=0.1.0";

    /** Public for the {@code ServiceLoader}. */
    public PinningFrameworkFactory() {}

    @Override
    public Framework newFramework(Map<String, String> configuration) {
        Map<String, String> extended = new HashMap<>(configuration == null ? Map.of() : configuration);
        extended.merge(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, EXPORT, (theirs, ours) -> theirs + "," + ours);
        return new PinningFelix(extended);
    }
}
