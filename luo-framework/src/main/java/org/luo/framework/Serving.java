// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the orchestrator's service, which is there exactly while this process serves: takes the run directory each
 * time it comes, and says once that the platform is ready.
 */
final class Serving extends ServiceTracker<Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger("luo.launcher");
    private static final String ORCHESTRATOR = "org.luo.Orchestrator";

    private final PidFile pidFile;
    private final long began;
    private int bundles = -1;
    private boolean served;
    private boolean told;
    private volatile boolean handedOver;

    /** @param began when the platform was started, as {@code System.nanoTime} */
    Serving(BundleContext context, PidFile pidFile, long began) {
        super(context, ORCHESTRATOR, null);
        this.pidFile = pidFile;
        this.began = began;
    }

    /** All services, since nothing here is wired to the class. */
    @Override
    public void open() {
        open(true);
    }

    /** The blackout of a live update may still last: whatever touches a file is done elsewhere. */
    @Override
    public Object addingService(ServiceReference<Object> reference) {
        handedOver = false;
        Thread.ofPlatform().name("luo-serving").start(this::serves);
        return reference;
    }

    @Override
    public void removedService(ServiceReference<Object> reference, Object service) {
        handedOver = context.getBundle().getState() == Bundle.ACTIVE;
    }

    /** Whether the orchestrator's service is there. */
    boolean isServing() {
        return !isEmpty();
    }

    /** Whether serving ended before the framework did: the run directory is the successor's to take then. */
    boolean handedOver() {
        return handedOver;
    }

    private synchronized void serves() {
        try {
            pidFile.take();
        } catch (IOException e) {
            LOG.error("cannot take the run directory", e);
        }
        served = true;
        tellWhenReady();
    }

    /** All bundles are started. */
    synchronized void started(int count) {
        bundles = count;
        tellWhenReady();
    }

    private void tellWhenReady() {
        if (served && bundles >= 0 && !told) {
            told = true;
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            LOG.info(
                    "luo ready in {} ms: {}, pid {}",
                    millis,
                    Amount.of(bundles, "bundle"),
                    ProcessHandle.current().pid());
        }
    }
}
