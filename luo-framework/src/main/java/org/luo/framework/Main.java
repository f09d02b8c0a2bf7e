// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.felix.framework.PinningFelix;
import org.luo.framework.deploy.Deployer;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the platform: the framework with pins, in a run directory, with all bundles of some directories. See
 * {@link Settings} for what it is told, and {@link Signals} for how it is ended.
 *
 * <p>A cold start owns the run directory from the beginning. A successor takes it when it begins to serve, that is, when
 * the orchestrator's service appears.
 *
 * <p>Exit status: 0 if it ended without losing a file, be it by a signal or because a successor took over, and also by
 * force · 1 if it did not start, with the reasons on the standard error · 3 if it ended on a second signal, losing
 * preserved files.
 */
public final class Main {
    static final int ENDED = 0;
    static final int NOT_STARTED = 1;
    static final int FILES_LOST = 3;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Logging takes a tenth of the whole start to come up: beside the framework, not before it. */
    private static final Thread LOGGING =
            Thread.ofPlatform().daemon().name("luo-log").unstarted(LoggerFactory::getILoggerFactory);

    private final long began = System.nanoTime();
    private final Settings settings;
    private final RunDirectory directory;
    private final PidFile pidFile;
    private final PinningFelix framework;
    private volatile Serving serving;
    private final Follower follower;
    private volatile int status = ENDED;
    private volatile boolean stopped;

    private Main() throws CannotStart, IOException {
        settings = Settings.of(System.getProperties(), RunDirectory.user(), System.getenv("XDG_RUNTIME_DIR"));
        directory = RunDirectory.open(settings.runDirectory());
        pidFile = new PidFile(directory.path(), Incarnation.own());
        follower = new Follower(pidFile, Incarnation.own());
        Map<String, Object> properties = new HashMap<>(settings.properties());
        properties.put(Constants.FRAMEWORK_STORAGE, directory.cache().toString());
        properties.put("felix.log.logger", new FelixLog());
        properties.put(
                "felix.fileinstall.tmpdir",
                directory.cache().resolve("fileinstall").toString());
        framework = new PinningFelix(properties);
    }

    /**
     * Runs the platform.
     *
     * @param arguments {@code --force} and {@code --lenient} set {@code luo.force} and {@code luo.lenient}
     */
    public static void main(String[] arguments) {
        LOGGING.start();
        System.exit(run(arguments));
    }

    /** A message that is given before logging has come up could get lost in an exit. */
    private static Logger log() {
        try {
            LOGGING.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return LoggerFactory.getLogger("luo.launcher");
    }

    private static int run(String[] arguments) {
        try {
            for (String argument : arguments) {
                set(argument);
            }
            return new Main().run();
        } catch (CannotStart | BundleException | IOException e) {
            log().error(
                            "not started: {}",
                            e.getCause() == null ? e.getMessage() : e.getMessage() + ": " + e.getCause());
            return NOT_STARTED;
        } catch (InterruptedException e) {
            log().error("interrupted");
            return NOT_STARTED;
        }
    }

    private static void set(String argument) throws CannotStart {
        switch (argument) {
            case "--force" -> System.setProperty("luo.force", "true");
            case "--lenient" -> System.setProperty("luo.lenient", "true");
            default ->
                throw new CannotStart("unknown argument '" + argument
                        + "': there are --force and --lenient, the rest are system properties");
        }
    }

    private int run() throws CannotStart, BundleException, IOException, InterruptedException {
        if (!settings.standby()) {
            pidFile.claim();
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::leave, "luo-leave"));
        framework.init();
        framework.getBundleContext().addBundleListener((SynchronousBundleListener) this::watchStopping);
        new Signals(framework.pins(), this::end, System::nanoTime).install();
        serving = new Serving(framework.getBundleContext(), pidFile, began);
        serving.open();
        if (!startBundles()) {
            end(NOT_STARTED);
        }
        framework.waitForStop(0);
        stopped = true;
        return serving.handedOver() && Follower.isWanted() ? follow() : status;
    }

    /** What is left of this process is who started it sees, until the last successor has ended. */
    private int follow() throws IOException, InterruptedException {
        directory.leave();
        Signals.handle(name -> {
            log().info("{}: passed on", name);
            follower.signalled();
        });
        status = follower.follow();
        return status;
    }

    private boolean startBundles() throws CannotStart, BundleException {
        BundleSet bundles = new BundleSet(framework.getBundleContext());
        bundles.install(settings.bundles());
        Deployer deployer = deployer();
        framework.start();
        bundles.start(deployer.bundles());
        deployer.start();
        boolean goesOn = bundles.failures().isEmpty() || settings.lenient();
        for (String failure : bundles.failures()) {
            if (goesOn) {
                log().warn("going on without {}", failure);
            } else {
                log().error("{}", failure);
            }
        }
        if (goesOn) {
            framework.adapt(FrameworkStartLevel.class).setStartLevel(Settings.UP);
            deployer.follow(serving::isServing);
            serving.started(framework.getBundleContext().getBundles().length - 1);
        } else {
            log().error("not started: {} failed", Amount.of(bundles.failures().size(), "bundle"));
        }
        return goesOn;
    }

    private Deployer deployer() throws CannotStart {
        try {
            Deployer deployer = new Deployer(
                    framework.getBundleContext(),
                    settings.deploy(),
                    directory.cache().resolve("deployed"));
            deployer.install();
            return deployer;
        } catch (IOException e) {
            throw new CannotStart(e.getMessage(), e);
        }
    }

    /** Stops the framework; the main thread returns the status then. */
    private void end(int with) {
        status = with;
        try {
            framework.stop();
        } catch (BundleException e) {
            log().error("cannot stop the framework", e);
        }
    }

    /** However the framework came to be stopped: it may take its time, but not hang. */
    private void watchStopping(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPING && event.getBundle() == framework) {
            Thread.ofPlatform().daemon().name("luo-patience").start(() -> {
                try {
                    Thread.sleep(PATIENCE);
                    if (stopped) {
                        return;
                    }
                    log().error("the framework has not stopped within {} s: ending all the same", PATIENCE.toSeconds());
                    leave();
                    Runtime.getRuntime().halt(status);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** As a shutdown hook, so that it also runs if somebody else exits. */
    private void leave() {
        try {
            // After a handover there must be no moment without a pid file: it is there until the successor's replaces
            // it.
            if (serving == null || !serving.handedOver()) {
                pidFile.release(status);
            }
        } catch (IOException e) {
            log().error("cannot give up the run directory", e);
        }
        directory.leave();
    }
}
