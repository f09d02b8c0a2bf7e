// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.IncomingSide;
import org.luo.handover.process.Fault.Step;
import org.luo.linux.UnixSocket;
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
 * The successor's side of a process handover. Active in a framework that stands by, since only there is an
 * {@link IncomingSide}.
 *
 * <p>Connects at once, so that it notices when the predecessor goes, says HELLO when the framework has started and every
 * plug-in is up, and then follows; see {@link Standby}. If that fails this process ends: it owns nothing.
 */
@Component(
        immediate = true,
        service = {})
public final class Successor {
    private static final Logger LOG = LoggerFactory.getLogger(Successor.class);
    private static final Duration SEND = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 10;
    private static final Duration ORDERLY = Duration.ofSeconds(1);
    private static final int FAILED = 1;

    private final BundleContext context;
    private final Plugins plugins;
    private final IncomingSide incoming;
    private final Fault fault;
    private volatile Wire wire;
    private volatile boolean leaving;

    /** Called by Declarative Services. */
    @Activate
    public Successor(BundleContext context, @Reference IncomingSide incoming) {
        this.context = context;
        this.plugins = new Plugins(context);
        this.incoming = incoming;
        this.fault = Fault.parse(context.getProperty(Fault.PROPERTY));
        if (IncomingSide.KERNEL.equals(context.getProperty(IncomingSide.STANDBY))) {
            return; // no predecessor waits: what came is another handover's
        }
        Thread.ofPlatform().name("luo-successor").start(this::run);
    }

    /** The framework stops: so does the waiting. */
    @Deactivate
    void deactivate() {
        leaving = true;
        Wire open = wire;
        if (open != null) {
            open.shutdown();
        }
    }

    private void run() {
        fault.at(Step.BOOT);
        try (Wire open = connect();
                Standby standby = new Standby(open, incoming, fault)) {
            follow(open, standby);
        } catch (LuoException | RuntimeException | Error e) {
            if (!leaving) {
                LOG.error("standing by is over: {}", e.getMessage());
                leave();
            }
        }
    }

    private void follow(Wire open, Standby standby) throws LuoException {
        try {
            awaitPlugins(open);
            standby.run(plugins::frameworkIsUp);
            LOG.info("took over from {}", open.peer());
        } catch (LuoException | RuntimeException | Error e) {
            if (standby.isOwner()) {
                // Its doors are open: closed in order, they would take away paths that are the predecessor's again.
                LOG.error("taking over failed, and {} goes on: {}", open.peer(), e.getMessage());
                Runtime.getRuntime().halt(FAILED);
            }
            throw e;
        }
    }

    private Wire connect() throws LuoException {
        String path = context.getProperty(CommandLine.SOCKET);
        if (path == null) {
            throw LuoException.of(Errno.EINVAL, "stands by without the property " + CommandLine.SOCKET);
        }
        UnixSocket socket = UnixSocket.connect(UnixSocket.Type.SEQPACKET, Path.of(path));
        try {
            wire = new Wire(socket, "predecessor " + socket.peer().pid(), SEND);
            return wire;
        } catch (LuoException e) {
            socket.close();
            throw e;
        }
    }

    /** The predecessor says nothing before HELLO: what there is to read is its end. */
    private void awaitPlugins(Wire open) throws LuoException {
        while (!plugins.allAreUp()) {
            if (open.isReadable(LOOK_MILLIS)) {
                throw LuoException.of(Errno.EPIPE, open.peer() + " has gone");
            }
        }
    }

    /** Ends this process, in order if it can be done. */
    private void leave() {
        try {
            context.getBundle(Constants.SYSTEM_BUNDLE_ID).stop();
            LockSupport.parkNanos(ORDERLY.toNanos());
        } catch (BundleException | IllegalStateException e) {
            LOG.warn("stopping the framework: {}", e.getMessage());
        }
        Runtime.getRuntime().halt(FAILED);
    }
}
