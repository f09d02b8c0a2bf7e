// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.tiny;

import java.util.Dictionary;
import java.util.Hashtable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Registers a service that is another object after each start. Copied into the bundles of the tests. */
public final class ServiceActivator implements BundleActivator {
    /** Public for the framework. */
    public ServiceActivator() {}

    @Override
    public void start(BundleContext context) {
        Dictionary<String, String> properties = new Hashtable<>();
        properties.put("tiny", context.getBundle().getSymbolicName());
        context.registerService(Object.class, new Object(), properties);
    }

    @Override
    public void stop(BundleContext context) {
        // the framework takes the service away
    }
}
