// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.tiny;

import java.lang.reflect.Proxy;
import java.util.List;
import org.luo.Orchestrator;
import org.luo.pin.PinTable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceRegistration;

/**
 * Plays the orchestrator: begins to serve at once, keeps as many files as {@code luo.tiny.files} says, and leaves as
 * if it had handed over if {@code luo.tiny.leaves}. Copied into a bundle of the tests.
 */
public final class ServingActivator implements BundleActivator {
    /** Public for the framework. */
    public ServingActivator() {}

    @Override
    public void start(BundleContext context) throws Exception {
        int files = Integer.parseInt(context.getProperty("luo.tiny.files"));
        PinTable pins = context.getService(context.getServiceReference(PinTable.class));
        for (int i = 0; i < files; i++) {
            pins.pin(List.of(context.getBundle().getBundleId()), "vm1/0x" + Integer.toHexString(i));
        }
        Object orchestrator = Proxy.newProxyInstance(
                Orchestrator.class.getClassLoader(),
                new Class<?>[] {Orchestrator.class},
                (proxy, method, args) -> null);
        ServiceRegistration<?> serving = context.registerService(Orchestrator.class.getName(), orchestrator, null);
        if (Boolean.parseBoolean(context.getProperty("luo.tiny.leaves"))) {
            Thread.ofPlatform().start(() -> leave(context, serving));
        }
    }

    private static void leave(BundleContext context, ServiceRegistration<?> serving) {
        try {
            Thread.sleep(500);
            serving.unregister();
            context.getBundle(0).stop();
        } catch (BundleException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void stop(BundleContext context) throws InterruptedException {
        if (Boolean.parseBoolean(context.getProperty("luo.tiny.hangs"))) {
            Thread.sleep(60_000);
        }
    }
}
