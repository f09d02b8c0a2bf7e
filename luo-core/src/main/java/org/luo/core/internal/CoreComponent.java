// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.luo.Amount;
import org.luo.LiveUpdateListener;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.admin.AdminCommand;
import org.luo.handover.Door;
import org.luo.handover.Handover;
import org.luo.handover.IncomingSide;
import org.luo.handover.Rescue;
import org.luo.pin.PinTable;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.spi.FlbReferences;
import org.luo.spi.Subsystem;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The orchestrator in a framework: plug-ins come in as services, and the {@link Orchestrator} goes out as one while
 * this process owns the sessions.
 *
 * <p>Framework properties: {@code luo.enabled=false} makes every call answer EOPNOTSUPP; {@code luo.callback.timeout} is
 * how many ms a live update or an adoption waits for one callback of a plug-in, 10,000 if it is not set, and {@code
 * luo.call.timeout} how many a client's call does, 60,000; {@code luo.dir} is where the {@link StateFile} is, if it is set; {@link IncomingSide#STANDBY} makes it stand by and offer its {@link IncomingSide} instead.
 */
@Component(service = {})
public final class CoreComponent implements Core.Host {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");
    private static final String ENABLED = "luo.enabled";
    private static final String DIR = "luo.dir";
    private static final String PATIENCE = "luo.callback.timeout";
    private static final String CALL_TIMEOUT = "luo.call.timeout";
    private static final long DOORS_NANOS = 1_000_000_000;

    private final BundleContext context;
    private final Core core;
    private final OrchestratorImpl orchestrator;
    private final Map<String, Handover> handovers = new ConcurrentHashMap<>();
    private final Optional<StateFile> stateFile;
    private final Optional<AdvisoryPins> advisory;
    private final Optional<Returning> returning;
    private final List<ServiceRegistration<?>> published = new ArrayList<>(); // guarded by itself

    /** @param pins the framework's pin table, or null on a framework that does not enforce pins: it gets one then */
    @Activate
    public CoreComponent(
            BundleContext context,
            @Reference FileDescriptors fds,
            @Reference(
                            cardinality = ReferenceCardinality.OPTIONAL,
                            target = "(" + PinTable.ENFORCEMENT + "=" + PinTable.ENFORCED + ")")
                    PinTable pins) {
        this.context = context;
        this.advisory = pins == null ? Optional.of(new AdvisoryPins(context)) : Optional.empty();
        this.stateFile = Optional.ofNullable(context.getProperty(DIR)).map(dir -> new StateFile(Path.of(dir)));
        this.core = new Core(fds, advisory.map(AdvisoryPins::table).orElse(pins), owner(context.getBundle()), this);
        this.orchestrator = new OrchestratorImpl(core, handovers::get);
        this.returning = IncomingSide.KERNEL.equals(context.getProperty(IncomingSide.STANDBY))
                ? Optional.of(new Returning(context, core))
                : Optional.empty();
        millis(PATIENCE).ifPresent(core::patience);
        millis(CALL_TIMEOUT).ifPresent(core::callTimeout);
    }

    private Optional<Duration> millis(String name) {
        String value = context.getProperty(name);
        try {
            return Optional.ofNullable(value).map(text -> Duration.ofMillis(Math.max(1, Long.parseLong(text))));
        } catch (NumberFormatException e) {
            LOG.error("{}={} is no number of ms: left as it is", name, value);
            return Optional.empty();
        }
    }

    private static Owner owner(Bundle bundle) {
        return new Owner(bundle.getBundleId(), bundle.getSymbolicName() + " [" + bundle.getBundleId() + "]");
    }

    @Activate
    void activate() throws LuoException {
        advisory.ifPresent(AdvisoryPins::publish);
        publish(FlbReferences.class, core.flbReferences());
        publish(AdminCommand.class, new DoorsCommand(core.doors()));
        if ("false".equals(context.getProperty(ENABLED))) {
            switchOff();
        } else if (standsBy()) {
            LOG.info("standing by for what comes over");
            publish(IncomingSide.class, core.incoming());
            returning.ifPresent(Returning::start);
        } else {
            core.serve();
            core.publish();
        }
    }

    private boolean standsBy() {
        return returning.isPresent() || Boolean.parseBoolean(context.getProperty(IncomingSide.STANDBY));
    }

    private void switchOff() throws LuoException {
        LOG.info("live update is switched off ({}=false): every call answers EOPNOTSUPP", ENABLED);
        core.switchOff();
        if (standsBy() && returning.isEmpty()) {
            publish(IncomingSide.class, core.incoming());
        } else {
            core.publish(); // nobody is asked: what came over stays where it is
        }
    }

    @Deactivate
    void deactivate() {
        returning.ifPresent(Returning::leave);
        int files = core.fileInfos().size();
        if (files > 0 && !core.gate().isRelinquished()) {
            LOG.warn("stopping with {} preserved: lost, unless a service manager keeps them", Amount.of(files, "file"));
        }
        core.doors().close();
        unpublish();
        core.close();
        core.events().flush();
        stateFile.ifPresent(StateFile::remove);
        advisory.ifPresent(AdvisoryPins::close);
    }

    @Override
    public void moved(LiveUpdateState from, LiveUpdateState to) {
        LOG.debug("state {}, was {}", to, from);
        stateFile.ifPresent(file -> file.moved(to));
    }

    @Override
    public void rehearse() {
        stateFile.ifPresent(StateFile::rehearse);
        settle(); // nothing is late, but it has been linked
    }

    @Override
    public void settle() {
        stateFile.ifPresent(StateFile::settle);
    }

    @Override
    public void serving() {
        core.watch();
        stateFile.ifPresent(file -> file.serving(core.states().state(), core.liveUpdates()));
        publish(Rescue.class, new CrashImage(core));
        publish(Orchestrator.class, orchestrator);
        LOG.info(
                "serving: {} and {} came over, live update {}",
                Amount.of(core.sessions().incoming().size(), "session"),
                Amount.of(core.fileInfos().size(), "file"),
                core.liveUpdates());
    }

    @Override
    public void relinquished() {
        stateFile.ifPresent(StateFile::relinquished);
        Thread.ofPlatform().name("luo-leave").start(() -> {
            core.doors().close();
            unpublish();
            core.events().flush();
            try {
                context.getBundle(0).stop();
            } catch (BundleException | IllegalStateException e) {
                LOG.error("cannot stop the framework after handing over", e);
            }
        });
    }

    @Override
    public void doorShut() {
        Thread.ofPlatform().daemon().name("luo-doors").start(() -> {
            do {
                LockSupport.parkNanos(DOORS_NANOS);
            } while (core.doors().tryAgain());
        });
    }

    @Override
    public void later(Runnable task) {
        Thread.ofPlatform().daemon().name("luo-adopt").start(task);
    }

    private <T> void publish(Class<T> type, T service) {
        synchronized (published) {
            published.add(context.registerService(type, service, null));
        }
    }

    private void unpublish() {
        synchronized (published) {
            published.forEach(
                    registration -> Callbacks.unfailing(registration, "unregister", registration::unregister));
            published.clear();
        }
    }

    @Reference(
            service = FileHandler.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC)
    void addHandler(FileHandler handler, ServiceReference<FileHandler> reference) {
        Owner owner = owner(reference.getBundle());
        register("file handler", () -> core.handlers().add(handler, owner, () -> Registration.of(handler, owner)));
    }

    void removeHandler(FileHandler handler) {
        core.handlers().remove(handler);
    }

    @Reference(service = Flb.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addFlb(Flb<?> flb, ServiceReference<?> reference) {
        Owner owner = owner(reference.getBundle());
        register("FLB", () -> core.flbs().add(flb, owner, () -> Registration.of(flb, owner)));
    }

    void removeFlb(Flb<?> flb) {
        core.flbs().remove(flb);
    }

    @Reference(service = Subsystem.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addSubsystem(Subsystem subsystem, ServiceReference<Subsystem> reference) {
        Owner owner = owner(reference.getBundle());
        register("subsystem", () -> core.subsystems().add(subsystem, owner));
    }

    void removeSubsystem(Subsystem subsystem) {
        core.subsystems().remove(subsystem);
    }

    @Reference(
            service = LiveUpdateListener.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC)
    void addListener(LiveUpdateListener listener) {
        core.events().add(listener);
    }

    void removeListener(LiveUpdateListener listener) {
        core.events().remove(listener);
    }

    @Reference(service = Door.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addDoor(Door door) {
        core.doors().add(door);
    }

    void removeDoor(Door door) {
        core.doors().remove(door);
    }

    @Reference(service = Handover.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addHandover(Handover handover) {
        handovers.put(handover.kind(), handover);
    }

    void removeHandover(Handover handover) {
        handovers.remove(handover.kind(), handover);
    }

    /** A step that may be refused. */
    @FunctionalInterface
    private interface Step {
        void run() throws LuoException;
    }

    private static void register(String kind, Step step) {
        try {
            step.run();
        } catch (LuoException e) {
            LOG.error("{} rejected: {}", kind, e.getMessage());
        }
    }
}
