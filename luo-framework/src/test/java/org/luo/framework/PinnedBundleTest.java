// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.pin.LeavingException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.startlevel.BundleStartLevel;

/** A pinned handler with every kind of wire: none of the bundles behind them leaves, by whatever way. */
@Timeout(60)
final class PinnedBundleTest {
    private interface Way {
        void tryOn(Bundle bundle) throws Exception;
    }

    @TempDir
    private Path directory;

    private TinyFramework tiny;
    private Bundle handler;
    private Bundle unrelated;
    private Object instance;
    private List<Bundle> needed;

    @BeforeEach
    void startAndPin() throws Exception {
        tiny = new TinyFramework(directory);
        unrelated = tiny.start("unrelated");
        Bundle base = tiny.start("base", "Export-Package: tiny.base");
        Bundle api = tiny.start("api", "Export-Package: tiny.api", "Import-Package: tiny.base,org.osgi.framework");
        Bundle required = tiny.start("required");
        Bundle extender = tiny.start("extender", "Provide-Capability: osgi.extender;osgi.extender=tiny");
        Bundle fragment = tiny.install("fragment", "Fragment-Host: handler", "Import-Package: tiny.hidden");
        Bundle hidden = tiny.start("hidden", "Export-Package: tiny.hidden");
        handler = tiny.start(
                "handler",
                "Import-Package: tiny.api,org.osgi.framework",
                "Require-Bundle: required",
                "Require-Capability: osgi.extender;filter:=\"(osgi.extender=tiny)\"");
        needed = List.of(handler, api, base, required, extender, fragment, hidden);
        instance = tiny.instance(handler);
        tiny.pins.pin(List.of(handler.getBundleId()), "vm1/0x1");
    }

    @AfterEach
    void stop() throws Exception {
        tiny.close();
    }

    private Map<String, Way> ways() {
        return Map.of(
                "stop", Bundle::stop,
                "transient stop", bundle -> bundle.stop(Bundle.STOP_TRANSIENT),
                "update from its location", Bundle::update,
                "update from a stream", bundle -> bundle.update(jarOf(bundle)),
                "uninstall", Bundle::uninstall,
                "stop from another thread", PinnedBundleTest::stopElsewhere);
    }

    private static InputStream jarOf(Bundle bundle) throws Exception {
        return new ByteArrayInputStream(Files.readAllBytes(Path.of(URI.create(bundle.getLocation()))));
    }

    private static void stopElsewhere(Bundle bundle) throws Exception {
        FutureTask<Void> stop = new FutureTask<>(() -> {
            bundle.stop();
            return null;
        });
        Thread.ofPlatform().start(stop);
        try {
            stop.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyWayIsRefusedForEveryBundleThatIsNeeded() {
        List<DynamicTest> tests = new ArrayList<>();
        ways().forEach((name, way) -> needed.forEach(bundle -> tests.add(
                DynamicTest.dynamicTest(name + " of " + bundle.getSymbolicName(), () -> isRefused(way, bundle)))));
        return tests.stream();
    }

    private void isRefused(Way way, Bundle bundle) throws Exception {
        int state = bundle.getState();
        long modified = bundle.getLastModified();
        BundleException refused = catchThrowableOfType(BundleException.class, () -> way.tryOn(bundle));
        assertThat(refused.getType()).isEqualTo(BundleException.REJECTED_BY_HOOK);
        assertThat(refused)
                .hasMessageMatching("EBUSY: (stop|update|uninstall) of bundle " + bundle.getSymbolicName() + " \\["
                        + bundle.getBundleId() + "] refused: 1 file preserved: vm1/0x1");
        assertThat(bundle.getState()).isEqualTo(state);
        assertThat(bundle.getLastModified()).isEqualTo(modified);
        assertThat(handler.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(tiny.instance(handler)).isSameAs(instance);
    }

    @Test
    void theStreamOfARefusedUpdateIsClosed() {
        AtomicBoolean closed = new AtomicBoolean();
        InputStream in = new ByteArrayInputStream(new byte[0]) {
            @Override
            public void close() {
                closed.set(true);
            }
        };
        assertThat(catchThrowableOfType(BundleException.class, () -> handler.update(in))
                        .getType())
                .isEqualTo(BundleException.REJECTED_BY_HOOK);
        assertThat(closed).isTrue();
    }

    @Test
    void aRefusedStopDoesNotForgetThatTheBundleWasStarted() throws Exception {
        catchThrowableOfType(BundleException.class, handler::stop);
        tiny.pins.unpin(List.of(handler.getBundleId()), "vm1/0x1");
        handler.stop(Bundle.STOP_TRANSIENT);
        assertThat(handler.adapt(BundleStartLevel.class).isPersistentlyStarted())
                .isTrue();
    }

    @Test
    void whatIsNotNeededLeavesAsEver() throws Exception {
        unrelated.update();
        assertThat(unrelated.getState()).isEqualTo(Bundle.ACTIVE);
        unrelated.stop();
        assertThat(unrelated.getState()).isEqualTo(Bundle.RESOLVED);
        unrelated.uninstall();
        assertThat(unrelated.getState()).isEqualTo(Bundle.UNINSTALLED);
    }

    @Test
    void unpinnedBundlesLeaveAsEver() throws Exception {
        tiny.pins.unpin(List.of(handler.getBundleId()), "vm1/0x1");
        handler.update(jarOf(handler));
        assertThat(handler.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(tiny.instance(handler)).isNotSameAs(instance);
        for (Bundle bundle : needed) {
            assertThatCode(bundle::uninstall).doesNotThrowAnyException();
        }
        assertThat(handler.getState()).isEqualTo(Bundle.UNINSTALLED);
    }

    @Test
    void aStoppedBundleCannotBePinned() throws Exception {
        unrelated.stop();
        assertThat(catchThrowableOfType(
                        LeavingException.class, () -> tiny.pins.pin(List.of(unrelated.getBundleId()), "vm1/0x2")))
                .hasMessage("bundle " + unrelated.getBundleId() + " is not running");
        unrelated.start();
        tiny.pins.pin(List.of(unrelated.getBundleId()), "vm1/0x2");
    }
}
