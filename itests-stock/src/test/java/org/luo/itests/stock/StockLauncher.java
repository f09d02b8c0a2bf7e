// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/**
 * A launcher as somebody else would write it, without anything of ours: starts the framework that is on the class path
 * with the bundles that are its arguments. Every process has a cache of its own, so that a successor can start.
 */
public final class StockLauncher {
    private StockLauncher() {}

    /** @param jars the bundles */
    public static void main(String[] jars) throws Exception {
        long pid = ProcessHandle.current().pid();
        Framework framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        Path.of(System.getProperty("luo.dir"), "cache-" + pid).toString(),
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        "org.slf4j;version=2.0.0,org.slf4j.event;version=2.0.0,org.slf4j.spi;version=2.0.0"));
        framework.init();
        List<Bundle> bundles = new ArrayList<>();
        for (String jar : jars) {
            bundles.add(framework
                    .getBundleContext()
                    .installBundle("reference:" + Path.of(jar).toUri()));
        }
        framework.start();
        for (Bundle bundle : bundles) {
            bundle.start();
        }
        framework.waitForStop(0);
        System.exit(0);
    }
}
