// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.concurrent.TimeUnit;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.pin.PinTable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** What the daemon's own commands look at. */
@Component(service = Platform.class)
public final class Platform {
    /** How long a request waits for the orchestrator: the doors open a moment before it is published. */
    private static final long PATIENCE_MILLIS = 3000;

    private final BundleContext context;
    private Orchestrator orchestrator; // guarded by this

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile PinTable pins;

    /** The framework that this bundle runs in. */
    @Activate
    public Platform(BundleContext context) {
        this.context = context;
    }

    BundleContext context() {
        return context;
    }

    /** @throws LuoException EAGAIN if this process owns no sessions: it stands by, or has handed over */
    synchronized Orchestrator orchestrator() throws LuoException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        try {
            for (long left = PATIENCE_MILLIS; orchestrator == null && left > 0; ) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (orchestrator == null) {
            throw LuoException.of(Errno.EAGAIN, "this process owns no sessions now");
        }
        return orchestrator;
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    synchronized void setOrchestrator(Orchestrator published) {
        orchestrator = published;
        notifyAll();
    }

    synchronized void unsetOrchestrator(Orchestrator gone) {
        if (orchestrator == gone) {
            orchestrator = null;
        }
    }

    /** The framework's pin table; null where pins are advisory. */
    PinTable pins() {
        return pins;
    }
}
