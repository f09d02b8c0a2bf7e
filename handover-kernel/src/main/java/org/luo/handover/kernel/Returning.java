// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.concurrent.locks.LockSupport;
import org.luo.LuoException;
import org.luo.handover.IncomingSide;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other end of a kernel handover, in a framework whose property {@link IncomingSide#STANDBY} is {@link
 * IncomingSide#KERNEL}: takes what the kernel before has left, or starts cold.
 *
 * <p>Happy path: the kernel session is found · every plug-in is up · envelope and files are taken out of it · deserialized ·
 * the kernel's session is finished, since everything is ours now · served. If what came can't be taken, nothing of it is:
 * the session stays open in this process for somebody to look at, and the platform starts cold.
 */
@Component(
        immediate = true,
        service = {})
public final class Returning {
    private static final Logger LOG = LoggerFactory.getLogger("luo.kernel");
    private static final long LOOK_NANOS = 10_000_000;

    private final BundleContext context;
    private final IncomingSide incoming;
    private final KernelHandover handover;
    private volatile boolean leaving;

    /** Called by Declarative Services. */
    @Activate
    public Returning(BundleContext context, @Reference IncomingSide incoming, @Reference KernelHandover handover) {
        this.context = context;
        this.incoming = incoming;
        this.handover = handover;
        if (IncomingSide.KERNEL.equals(context.getProperty(IncomingSide.STANDBY))) {
            Thread.ofPlatform().name("luo-returning").start(this::run);
        }
    }

    /** The framework stops: so does the waiting. */
    @Deactivate
    void deactivate() {
        leaving = true;
    }

    private void run() {
        try {
            Arrival arrival = new Arrival(handover, incoming);
            if (arrival.find()) {
                awaitPlugins();
                if (leaving) {
                    return;
                }
                arrival.take();
            }
            incoming.serve();
            incoming.publish();
        } catch (LuoException | RuntimeException | Error e) {
            LOG.error("the platform can't serve: {}", e.getMessage(), e);
            stop();
        }
    }

    private void awaitPlugins() {
        Plugins plugins = new Plugins(context);
        while (!leaving && !plugins.allAreUp()) {
            LockSupport.parkNanos(LOOK_NANOS);
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
