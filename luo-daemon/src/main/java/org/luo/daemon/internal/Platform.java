// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.List;
import java.util.Optional;
import org.luo.CallbackInfo;
import org.luo.Errno;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.deploy.DeployFolder;
import org.luo.handover.Launch;
import org.luo.pin.PinTable;
import org.luo.pin.PinnedException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.util.tracker.ServiceTracker;

/** What the daemon's own commands look at. */
@Component(service = Platform.class)
public final class Platform implements Orchestration {
    /** How long a request waits for the orchestrator: the doors open a moment before it is published. */
    private static final long PATIENCE_MILLIS = 3000;

    private final BundleContext context;
    private final ServiceTracker<Orchestrator, Orchestrator> orchestrator;

    private volatile ServiceReference<PinTable> pins;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile DeployFolder folder;

    private final Drains drains = new Drains();

    /** The framework that this bundle runs in. */
    @Activate
    public Platform(BundleContext context) {
        this.context = context;
        this.orchestrator = new ServiceTracker<>(context, Orchestrator.class, null);
        orchestrator.open();
    }

    @Deactivate
    void deactivate() {
        drains.close();
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

    /** Whether every bundle has been started, with its components. */
    boolean isUp() {
        return Launch.isOver(context);
    }

    /** See {@link Orchestrator#callbacks}; waits for nobody. */
    List<CallbackInfo> callbacks() {
        Orchestrator present = orchestrator.getService();
        return present == null ? List.of() : present.callbacks();
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

    @Reference(
            service = PinTable.class,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void setPins(ServiceReference<PinTable> reference) {
        pins = reference;
    }

    void unsetPins(ServiceReference<PinTable> reference) {
        if (reference.equals(pins)) {
            pins = null;
        }
    }

    /** What keeps bundles from leaving; empty while there is no orchestrator. */
    Optional<PinTable> pins() {
        return Optional.ofNullable(pins).map(context::getService);
    }

    /** Who refuses to let a pinned bundle go: {@code enforced}, the framework itself; {@code advisory}, our commands. */
    String enforcement() {
        ServiceReference<PinTable> reference = pins;
        Object enforcement = reference == null ? null : reference.getProperty(PinTable.ENFORCEMENT);
        return enforcement == null ? PinTable.ADVISORY : enforcement.toString();
    }

    /**
     * Lets a bundle leave if nothing needs it; until what is returned is closed it can't be pinned. Every command of
     * ours that stops, updates or uninstalls a bundle goes through here: a stock framework would refuse nothing, and
     * one with pins says the same.
     *
     * @param operation such as {@code stop}
     * @throws LuoException EBUSY, naming the holders
     */
    Leave leave(String operation, Bundle bundle) throws LuoException {
        Optional<PinTable> table = pins();
        if (table.isEmpty()) {
            return () -> {};
        }
        try {
            String what = operation + " of bundle " + BundleCommands.shown(bundle);
            return table.get().leave(bundle.getBundleId(), what)::close;
        } catch (PinnedException e) {
            throw LuoException.of(Errno.EBUSY, BundleCommands.withoutErrno(e.getMessage()), e);
        }
    }

    /** A bundle's permission to leave. */
    @FunctionalInterface
    interface Leave extends AutoCloseable {
        @Override
        void close();
    }

    /** The folder whose jars run; null where there is none. */
    DeployFolder folder() {
        return folder;
    }

    /** The bundles that take no new files. */
    Drains drains() {
        return drains;
    }
}
