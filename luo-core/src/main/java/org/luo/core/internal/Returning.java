// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.luo.LuoException;
import org.luo.handover.Keeper;
import org.luo.handover.Keeper.Outcome;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins anew, without a predecessor: takes what somebody has kept, the kernel that was left or a service manager, or
 * starts cold.
 *
 * <p>Happy path: every plug-in is up · keepers are asked, the highest ranking first · what the first one has is deserialized
 * · the others hear that theirs is out of date · served · all of them hear that, the lowest ranking first. What can't be
 * taken stays where it is, whole, and the next one is asked.
 *
 * <p>If anything fails after something has been found, taken or not, this process stays up: that would end with it.
 */
final class Returning {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");
    private static final long LOOK_NANOS = 10_000_000;
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final BundleContext context;
    private final Core core;
    private volatile boolean leaving;

    // Of the thread.
    private final LinkedHashMap<ServiceReference<Keeper>, Keeper> keepers = new LinkedHashMap<>();
    private boolean found;

    Returning(BundleContext context, Core core) {
        this.context = context;
        this.core = core;
    }

    void start() {
        Thread.ofPlatform().name("luo-returning").start(this::run);
    }

    /** The framework stops: so does the waiting. */
    void leave() {
        leaving = true;
    }

    private void run() {
        try {
            awaitPlugins();
            if (!leaving) {
                ask();
                core.serve();
                core.publish();
                tellServed();
            }
        } catch (LuoException | RuntimeException | Error e) {
            LOG.error("the platform can't serve: {}", e.getMessage(), e);
            if (found) {
                LOG.error(
                        "process {} stays up with what came over, which ends with it unless a service manager keeps"
                                + " that",
                        ProcessHandle.current().pid());
            } else {
                stop();
            }
        }
    }

    /** A bundle that does not come up must not keep everybody waiting for ever: what needs it is refused by name. */
    private void awaitPlugins() {
        Plugins plugins = new Plugins(context);
        List<String> missing = List.of();
        long since = System.nanoTime();
        while (!leaving && !plugins.allAreUp()) {
            List<String> now = plugins.missing();
            if (!now.equals(missing) || !plugins.frameworkIsUp()) {
                missing = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > PATIENCE_NANOS) {
                LOG.warn(
                        "going on without {}, not started for {} s", Names.of(missing), PATIENCE_NANOS / 1_000_000_000);
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void ask() {
        boolean taken = false;
        for (ServiceReference<Keeper> reference : references()) {
            Keeper keeper = context.getService(reference);
            if (keeper != null) {
                keepers.put(reference, keeper);
                taken = ask(keeper, taken);
            }
        }
    }

    private boolean ask(Keeper keeper, boolean taken) {
        if (taken) {
            Callbacks.unfailing("keeper", "superseded", keeper::superseded);
            return true;
        }
        try {
            Outcome outcome = Callbacks.failing("keeper", "restore", () -> keeper.restore(core.incoming()));
            found |= outcome != Outcome.NOTHING;
            return outcome == Outcome.TAKEN;
        } catch (LuoException e) {
            found = true; // for all that is known
            LOG.error("a keeper can't be asked what it has: {}", e.getMessage());
            return false;
        }
    }

    /** Each is in use until then: it may remember what it has given. */
    private void tellServed() {
        for (Map.Entry<ServiceReference<Keeper>, Keeper> each :
                keepers.sequencedEntrySet().reversed()) {
            if (found) {
                Callbacks.unfailing("keeper", "served", each.getValue()::served);
            }
            context.ungetService(each.getKey());
        }
        keepers.clear();
    }

    private List<ServiceReference<Keeper>> references() {
        try {
            Collection<ServiceReference<Keeper>> all = context.getServiceReferences(Keeper.class, null);
            return all.stream().sorted(Comparator.reverseOrder()).toList();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void stop() {
        try {
            context.getBundle(Constants.SYSTEM_BUNDLE_ID).stop();
        } catch (BundleException | IllegalStateException e) {
            LOG.warn("stopping the framework: {}", e.getMessage());
        }
    }
}
