// SPDX-License-Identifier: Apache-2.0
package org.luo.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.luo.Amount;
import org.luo.LiveUpdateEvent;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.SessionInfo;
import org.luo.handover.Launch;
import org.luo.linux.ServiceManager;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager how the platform is doing: READY=1 when it serves and every bundle has been started, STATUS=
 * when that changes, WATCHDOG=1 while the orchestrator answers, MAINPID= when a successor has taken over, STOPPING=1 when it
 * ends.
 *
 * <p>A successor inherits the environment, so it goes on with all of it; MAINPID= comes from the predecessor, when nothing
 * can call the successor back any more.
 */
@Component(
        immediate = true,
        service = {})
public final class Reporter extends ServiceTracker<Orchestrator, Orchestrator> implements LiveUpdateListener {
    private static final Logger LOG = LoggerFactory.getLogger("luo.systemd");
    private static final long TICK_MILLIS = 250;
    private static final long SUCCESSOR_MILLIS = 2000;
    private static final long STATUS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Set<LiveUpdateEvent.Type> UPDATES = EnumSet.of(LiveUpdateEvent.Type.UPDATE_STARTED);

    private final Optional<ServiceManager> manager;
    private final Watchdog watchdog;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("luo-report").unstarted(this::run);
    private volatile Orchestrator serving;
    private volatile String kind = "process";
    private volatile boolean leaving;

    // Of the thread.
    private boolean ready;
    private final Said said = new Said();
    private long askedAt;

    /** Called by Declarative Services. */
    @Activate
    public Reporter(BundleContext context) {
        this(context, System.getenv());
    }

    Reporter(BundleContext context, Map<String, String> environment) {
        super(context, Orchestrator.class, null);
        this.manager = ServiceManager.of(environment);
        this.watchdog = Watchdog.of(environment);
        if (manager.isPresent()) {
            context.registerService(LiveUpdateListener.class, this, null);
            open();
            thread.start();
        }
    }

    /** The framework stops, after a handover or for good. */
    @Deactivate
    void deactivate() {
        leaving = true;
        thread.interrupt();
        if (manager.isPresent()) {
            close();
        }
    }

    @Override
    public Set<LiveUpdateEvent.Type> types() {
        return UPDATES;
    }

    @Override
    public void happened(LiveUpdateEvent event) {
        kind = event.details().getOrDefault("kind", kind);
    }

    @Override
    public Orchestrator addingService(ServiceReference<Orchestrator> reference) {
        serving = context.getService(reference);
        return serving;
    }

    /** Either a successor has taken over, or the platform ends. */
    @Override
    public void removedService(ServiceReference<Orchestrator> reference, Orchestrator service) {
        serving = null;
        context.ungetService(reference);
        boolean ends = context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() != Bundle.ACTIVE;
        if (ends || kind.equals("kernel")) {
            tell("STOPPING=1\nSTATUS=" + (ends ? "ending" : "everything is with the kernel, until the kexec"));
        } else {
            successor().ifPresent(pid -> tell("MAINPID=" + pid));
        }
    }

    /** Who owns the run directory now; he takes it as soon as he serves. */
    private OptionalLong successor() {
        Path file = Path.of(Optional.ofNullable(context.getProperty("luo.dir")).orElse("."), "pid");
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SUCCESSOR_MILLIS);
        do {
            try {
                long pid = Long.parseLong(Files.readString(file).strip());
                if (pid != ProcessHandle.current().pid()) {
                    return OptionalLong.of(pid);
                }
                Thread.sleep(10);
            } catch (IOException | NumberFormatException e) {
                LOG.debug("{}", e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        } while (System.nanoTime() < deadline);
        LOG.error("the service manager can't be told who the successor is: {} does not say", file);
        return OptionalLong.empty();
    }

    private void run() {
        while (!leaving) {
            try {
                Orchestrator present = serving;
                if (present != null) {
                    report(present);
                }
                Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.debug("nothing to report: {}", e.toString()); // it has just gone
            }
        }
    }

    private void report(Orchestrator present) {
        long now = System.nanoTime();
        String status = said.status();
        if (now - askedAt > STATUS_NANOS || !ready) {
            askedAt = now;
            status = status(present);
        }
        // Listing waits for no plug-in: if it does not come back, something is wrong with the platform itself.
        boolean alive = watchdog.isDue(now) && present.sessions() != null;
        boolean up = ready || Launch.isOver(context);
        String lines = (alive ? "WATCHDOG=1\n" : "")
                + (up && !ready ? "READY=1\n" : "")
                + (said.isDue(status, now) ? "STATUS=" + status + "\n" : "");
        // Asking may have taken a whole live update: then it is the successor's to say how things are.
        if (!lines.isEmpty() && serving == present && tell(lines)) {
            if (said.isDue(status, now)) {
                said.set(status, now);
            }
            ready = up;
        }
    }

    private static String status(Orchestrator present) {
        List<SessionInfo> sessions = present.sessions();
        int files = sessions.stream().mapToInt(SessionInfo::files).sum();
        return present.state() + ": " + Amount.of(sessions.size(), "session") + ", " + Amount.of(files, "file")
                + "; live update " + present.liveUpdates();
    }

    private boolean tell(String lines) {
        try {
            manager.orElseThrow().tell(lines);
            return true;
        } catch (LuoException e) {
            LOG.warn("the service manager does not hear {}: {}", lines.strip().replace('\n', ' '), e.getMessage());
            return false;
        }
    }
}
