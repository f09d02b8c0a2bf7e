// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.pin.LeavingException;
import org.luo.pin.PinTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/**
 * Everything at once: whoever has a pin finds the bundle running and the same from the pin to the unpin, and nobody
 * waits for ever, although pins are asked for under Felix's locks too.
 */
@Timeout(120)
final class PinRaceTest {
    private static final long DURATION = TimeUnit.SECONDS.toNanos(Long.getLong("race.seconds", 4));

    private interface Step {
        void run() throws Exception;
    }

    @TempDir
    private Path directory;

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final long end = System.nanoTime() + DURATION;
    private final List<Thread> threads = new ArrayList<>();
    private TinyFramework tiny;
    private PinTable pins;
    private Bundle api;
    private Bundle handler;

    @BeforeEach
    void start() throws Exception {
        tiny = new TinyFramework(directory);
        pins = tiny.pins;
        api = tiny.start("api", "Export-Package: tiny.api");
        handler = tiny.start("handler", "Import-Package: tiny.api,org.osgi.framework");
    }

    @Test
    void aPinAndAStopNeverBothSucceed() throws Exception {
        repeat("pin", () -> pinAndLook("a"));
        repeat("pin", () -> pinAndLook("b"));
        repeat("stop", () -> restart(handler));
        repeat("stop provider", () -> restart(api));
        finish("pin refused", "stop", "stop refused", "stop provider", "stop provider refused");
    }

    @Test
    void pinsHoldAgainstAllWaysAtOnceWithoutADeadlock() throws Exception {
        String client = tiny.location("client", "Import-Package: tiny.api,org.osgi.framework");
        askUnderFelixsLocks();
        repeat("pin", paused(() -> pinAndLook("a")));
        repeat("pin", paused(() -> pinAndLook("b")));
        repeat("stop", paused(() -> restart(handler)));
        repeat("stop provider", paused(() -> restart(api)));
        repeat("update", paused(handler::update));
        repeat("update provider", paused(api::update));
        repeat("refresh", paused(() -> refresh(List.of(api))));
        repeat("refresh all", paused(() -> refresh(null)));
        repeat("resolve", paused(() -> tiny.wiring().resolveBundles(null)));
        repeat("start level", paused(this::changeStartLevel));
        repeat("uninstall", paused(() -> installAndUninstall(client)));
        finish("stop", "update", "refresh", "start level", "resolve");
    }

    private void finish(String... happened) throws Exception {
        for (Thread thread : threads) {
            thread.join(TimeUnit.NANOSECONDS.toMillis(DURATION) + 20_000);
            assertThat(thread.isAlive())
                    .as(() -> thread.getName() + " hangs in " + List.of(thread.getStackTrace()))
                    .isFalse();
        }
        System.out.println(new TreeMap<>(counts));
        assertThat(counts).doesNotContainKey("violation").containsKey("pin").containsKeys(happened);
        assertThat(pins.pinned()).isEmpty();
        tiny.close();
    }

    private void repeat(String name, Step step) {
        threads.add(Thread.ofPlatform().name(name).start(() -> {
            while (System.nanoTime() < end) {
                count(name, step);
                Thread.yield();
            }
        }));
    }

    /** Leaves the others a chance to get at Felix's locks, which are not handed out in order. */
    private static Step paused(Step step) {
        return () -> {
            Thread.sleep(ThreadLocalRandom.current().nextInt(20));
            step.run();
        };
    }

    /** Refusals are expected, and so is Felix's own refusal to wait for a lock. */
    private void count(String name, Step step) {
        try {
            step.run();
            add(name);
        } catch (LeavingException e) {
            add(name + " refused");
        } catch (Exception e) {
            boolean pinned = e.getMessage() != null && e.getMessage().startsWith("EBUSY: ");
            add(name + (pinned ? " refused" : " failed"));
        }
    }

    private void add(String name) {
        counts.computeIfAbsent(name, n -> new LongAdder()).increment();
    }

    private void pinAndLook(String holder) throws LeavingException {
        List<Long> bundles = List.of(handler.getBundleId());
        pins.pin(bundles, holder);
        BundleContext context = handler.getBundleContext();
        for (int i = 0; i < 3; i++) {
            if ((handler.getState() & (Bundle.STARTING | Bundle.ACTIVE)) == 0
                    || context == null
                    || handler.getBundleContext() != context) {
                add("violation");
            }
            Thread.yield();
        }
        pins.unpin(bundles, holder);
    }

    private static void restart(Bundle bundle) throws BundleException {
        try {
            bundle.stop();
        } finally {
            bundle.start();
        }
    }

    private void changeStartLevel() throws Exception {
        FrameworkStartLevel level = tiny.framework.adapt(FrameworkStartLevel.class);
        CompletableFuture<FrameworkEvent> changed = new CompletableFuture<>();
        level.setStartLevel(level.getStartLevel() == 10 ? 1 : 10, changed::complete);
        changed.get(10, TimeUnit.SECONDS);
    }

    private void refresh(Collection<Bundle> targets) throws Exception {
        CompletableFuture<FrameworkEvent> outcome = new CompletableFuture<>();
        tiny.wiring().refreshBundles(targets, outcome::complete);
        if (outcome.get(10, TimeUnit.SECONDS).getThrowable() instanceof BundleException refused) {
            throw refused;
        }
    }

    private void installAndUninstall(String location) throws BundleException {
        Bundle other = tiny.framework.getBundleContext().installBundle(location);
        try {
            other.start();
        } finally {
            other.uninstall();
        }
    }

    /** Bundle listeners run under a bundle's lock, resolver hooks under the global lock. */
    private void askUnderFelixsLocks() {
        BundleContext context = tiny.framework.getBundleContext();
        context.addBundleListener((SynchronousBundleListener) event -> count("pin in listener", this::pinAndUnpin));
        context.registerService(
                ResolverHookFactory.class,
                triggers -> {
                    count("pin in hook", this::pinAndUnpin);
                    return new NoResolverHook();
                },
                null);
    }

    private void pinAndUnpin() throws Exception {
        pins.isPinned(api.getBundleId());
        pins.pin(List.of(handler.getBundleId()), Thread.currentThread());
        pins.unpin(List.of(handler.getBundleId()), Thread.currentThread());
    }
}
