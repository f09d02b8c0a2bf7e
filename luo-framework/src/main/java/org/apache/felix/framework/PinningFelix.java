// SPDX-License-Identifier: Apache-2.0
package org.apache.felix.framework;

import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.luo.pin.PinTable;
import org.luo.pin.PinTable.Departure;
import org.luo.pin.PinnedException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Felix that does not let a pinned bundle go: stop, update, uninstall and refresh of it, or of a bundle that it is
 * wired to, are refused, whoever asks for them. A deliberate deviation from the specification, which knows no veto.
 *
 * <p>A refusal is a {@link BundleException} of type {@link BundleException#REJECTED_BY_HOOK} and comes before anything
 * has changed; for a refresh, which declares none, it is the cause of an {@link IllegalStateException}. Where nobody
 * can catch it (a change of start level, a pin taken while the refresh was queued) it becomes a framework event. The
 * framework itself can always be stopped, and takes all bundles along.
 *
 * <p>Publishes its {@link PinTable} as a service before any bundle is started.
 *
 * <p>Lock order: Felix's bundle locks → its global lock → the pin table's lock. Under that one, {@link Wires} takes
 * none.
 *
 * <p>It lies in Felix's package because the methods that all ways lead through are package-private.
 */
@SuppressWarnings("unchecked") // Felix's own: it implements generic interfaces without generics
public final class PinningFelix extends Felix {
    private final PinTable pins = new PinTable(this::providers, this::isRunning);
    private final AtomicBoolean published = new AtomicBoolean();

    /**
     * A framework that has not been initialized.
     *
     * @param configuration framework properties: strings, or objects where Felix takes objects
     */
    public PinningFelix(Map<String, ?> configuration) {
        super(configuration);
    }

    /** What keeps bundles from leaving this framework. */
    public PinTable pins() {
        return pins;
    }

    /** Publishes the pin table once and for all: Felix keeps its own services when it is stopped. */
    @Override
    public void init(FrameworkListener... listeners) throws BundleException {
        super.init(listeners);
        if (!published.getAndSet(true)) {
            getBundleContext()
                    .registerService(
                            PinTable.class,
                            pins,
                            FrameworkUtil.asDictionary(Map.of(PinTable.ENFORCEMENT, PinTable.ENFORCED)));
        }
    }

    @Override
    public <A> A adapt(Class<A> type) {
        A adapted = super.adapt(type);
        return type == FrameworkWiring.class ? type.cast(new PinnedWiring(this, (FrameworkWiring) adapted)) : adapted;
    }

    /** Restarts the framework with all its bundles: refused while anything at all is pinned. */
    @Override
    public void update(InputStream in) throws BundleException {
        closeIfRefused(in, "update of the framework", pins.pinned().keySet()).close();
        super.update(in);
    }

    @Override
    void stopBundle(BundleImpl bundle, boolean record) throws BundleException {
        try (var _ = leave("stop of bundle " + bundle, ids(bundle))) {
            super.stopBundle(bundle, record);
        }
    }

    @Override
    void updateBundle(BundleImpl bundle, InputStream in) throws BundleException {
        try (var _ = closeIfRefused(in, "update of bundle " + bundle, ids(bundle))) {
            super.updateBundle(bundle, in);
        }
    }

    @Override
    void uninstallBundle(BundleImpl bundle) throws BundleException {
        try (var _ = leave("uninstall of bundle " + bundle, ids(bundle))) {
            super.uninstallBundle(bundle);
        }
    }

    /**
     * Context: on the thread that works off the queue, which would die of an exception, or at the end of an update or
     * uninstall. The global lock keeps the wires as they are from the decision to the end of the refresh; listeners
     * are told without it, as in Felix.
     */
    @Override
    void refreshPackages(Collection<Bundle> targets, FrameworkListener[] listeners) {
        if (!acquireGlobalLock()) {
            throw new IllegalStateException("refresh: interrupted while waiting for the framework's global lock");
        }
        FrameworkEvent outcome = new FrameworkEvent(FrameworkEvent.PACKAGES_REFRESHED, this, null);
        try (var _ = leave(refreshOf(targets), ids(closure(targets)))) {
            super.refreshPackages(targets, null);
        } catch (BundleException refused) {
            getLogger().log(Logger.LOG_WARNING, refused.getMessage());
            fireFrameworkEvent(FrameworkEvent.ERROR, this, refused);
            outcome = new FrameworkEvent(FrameworkEvent.ERROR, this, refused);
        } finally {
            releaseGlobalLock();
        }
        tell(listeners, outcome);
    }

    Departure leave(String operation, Set<Long> bundles) throws BundleException {
        boolean running = (getState() & (Bundle.STARTING | Bundle.ACTIVE)) != 0;
        try {
            return pins.leave(running ? bundles : Set.of(), operation);
        } catch (PinnedException e) {
            throw new BundleException(e.getMessage(), BundleException.REJECTED_BY_HOOK, e);
        }
    }

    private Departure closeIfRefused(InputStream in, String operation, Set<Long> bundles) throws BundleException {
        try {
            return leave(operation, bundles);
        } catch (BundleException refused) {
            try {
                if (in != null) {
                    in.close();
                }
            } catch (IOException e) {
                refused.addSuppressed(e);
            }
            throw refused;
        }
    }

    Set<Long> providers(long bundle) {
        return Wires.providers(getBundle(bundle));
    }

    private boolean isRunning(long id) {
        Bundle bundle = getBundle(id);
        return bundle != null && (bundle.getState() & (Bundle.STARTING | Bundle.ACTIVE)) != 0;
    }

    /** Nobody pins the framework, so that it can be stopped. */
    private Set<Long> ids(BundleImpl bundle) {
        return bundle == this ? Set.of() : Set.of(bundle.getBundleId());
    }

    /** To refresh the framework, or a part of it, is to restart it: that concerns whatever is pinned. */
    Set<Long> ids(Collection<Bundle> bundles) {
        Set<Long> ids = new HashSet<>();
        for (Bundle bundle : bundles) {
            if (bundle == this || bundle instanceof BundleImpl impl && impl.isExtension()) {
                ids.addAll(pins.pinned().keySet());
            } else if (bundle != null) {
                ids.add(bundle.getBundleId());
            }
        }
        return ids;
    }

    private Collection<Bundle> closure(Collection<Bundle> targets) {
        Collection<Bundle> refreshed = targets == null ? getRemovalPendingBundles() : targets;
        return getDependencyClosure(refreshed.stream().filter(Objects::nonNull).toList());
    }

    static String refreshOf(Collection<Bundle> targets) {
        if (targets == null) {
            return "refresh";
        }
        return targets.size() == 1
                ? "refresh of bundle " + targets.iterator().next()
                : "refresh of " + targets.size() + " bundles";
    }

    private void tell(FrameworkListener[] listeners, FrameworkEvent outcome) {
        for (FrameworkListener listener : listeners == null ? new FrameworkListener[0] : listeners) {
            try {
                listener.frameworkEvent(outcome);
            } catch (RuntimeException | LinkageError e) {
                getLogger().log(Logger.LOG_ERROR, "Framework listener delivery error.", e);
            }
        }
    }
}
