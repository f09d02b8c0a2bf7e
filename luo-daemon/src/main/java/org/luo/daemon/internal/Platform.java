// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import org.luo.Errno;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.pin.PinTable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.util.tracker.ServiceTracker;

/** What the daemon's own commands look at. */
@Component(service = Platform.class)
public final class Platform implements Orchestration {
    /** How long a request waits for the orchestrator: the doors open a moment before it is published. */
    private static final long PATIENCE_MILLIS = 3000;

    private final BundleContext context;
    private final ServiceTracker<Orchestrator, Orchestrator> orchestrator;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile PinTable pins;

    /** The framework that this bundle runs in. */
    @Activate
    public Platform(BundleContext context) {
        this.context = context;
        this.orchestrator = new ServiceTracker<>(context, Orchestrator.class, null);
        orchestrator.open();
    }

    @Deactivate
    void deactivate() {
        orchestrator.close();
    }

    BundleContext context() {
        return context;
    }

    @Override
    public Orchestrator orchestrator() throws LuoException {
        Orchestrator present = null;
        try {
            present = orchestrator.waitForService(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (present == null) {
            throw LuoException.of(Errno.EAGAIN, "this process owns no sessions now");
        }
        return present;
    }

    @Override
    public Runnable listen(LiveUpdateListener listener) {
        ServiceRegistration<?> registration = context.registerService(LiveUpdateListener.class, listener, null);
        return () -> {
            try {
                registration.unregister();
            } catch (IllegalStateException e) {
                // this bundle has stopped, and took it with it
            }
        };
    }

    /** The framework's pin table; null where pins are advisory. */
    PinTable pins() {
        return pins;
    }
}
