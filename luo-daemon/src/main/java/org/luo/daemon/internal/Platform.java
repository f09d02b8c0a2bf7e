// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

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
    private final BundleContext context;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Orchestrator orchestrator;

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
    Orchestrator orchestrator() throws LuoException {
        Orchestrator present = orchestrator;
        if (present == null) {
            throw LuoException.of(Errno.EAGAIN, "this process owns no sessions now");
        }
        return present;
    }

    /** The framework's pin table; null where pins are advisory. */
    PinTable pins() {
        return pins;
    }
}
