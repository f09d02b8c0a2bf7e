// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.pin.PinTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/** What the framework does as a whole while something is pinned. */
@Timeout(60)
final class PinnedFrameworkTest {
    @TempDir
    private Path directory;

    private TinyFramework tiny;
    private Bundle api;
    private Bundle handler;
    private Bundle unrelated;
    private Object instance;

    @BeforeEach
    void startAndPin() throws Exception {
        tiny = new TinyFramework(directory);
        api = tiny.start("api", "Export-Package: tiny.api");
        handler = tiny.start("handler", "Import-Package: tiny.api,org.osgi.framework");
        unrelated = tiny.start("unrelated");
        for (Bundle bundle : List.of(api, handler, unrelated)) {
            bundle.adapt(BundleStartLevel.class).setStartLevel(5);
        }
        instance = tiny.instance(handler);
        tiny.pins.pin(List.of(handler.getBundleId()), "vm1/0x1");
    }

    @AfterEach
    void stop() throws Exception {
        tiny.close();
    }

    private void setLevelAndWait(int level) throws Exception {
        CompletableFuture<FrameworkEvent> changed = new CompletableFuture<>();
        tiny.framework.adapt(FrameworkStartLevel.class).setStartLevel(level, changed::complete);
        changed.get(10, TimeUnit.SECONDS);
    }

    @Test
    void stoppingTheFrameworkGoesThrough() throws Exception {
        CompletableFuture<Integer> stopped = new CompletableFuture<>();
        tiny.framework.getBundleContext().addBundleListener((SynchronousBundleListener) event -> {
            if (event.getBundle() == handler && event.getType() == BundleEvent.STOPPED) {
                stopped.complete(event.getType());
            }
        });
        tiny.framework.stop();
        assertThat(tiny.framework.waitForStop(10_000).getType()).isEqualTo(FrameworkEvent.STOPPED);
        assertThat(stopped).isCompleted();
        assertThat(tiny.framework.getState()).isEqualTo(Bundle.RESOLVED);
    }

    @Test
    void aLowerStartLevelLeavesPinnedBundlesActive() throws Exception {
        setLevelAndWait(2);
        assertThat(unrelated.getState()).isEqualTo(Bundle.RESOLVED);
        assertThat(api.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(handler.getState()).isEqualTo(Bundle.ACTIVE);
        setLevelAndWait(10);
        assertThat(unrelated.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(tiny.instance(handler)).isSameAs(instance);
    }

    @Test
    void aHigherStartLevelOfTheBundleLeavesItActive() throws Exception {
        CompletableFuture<FrameworkEvent> refused = new CompletableFuture<>();
        tiny.framework.getBundleContext().addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.ERROR) {
                refused.complete(event);
            }
        });
        api.adapt(BundleStartLevel.class).setStartLevel(20);
        assertThat(refused.get(10, TimeUnit.SECONDS).getThrowable())
                .hasMessage("EBUSY: stop of bundle api [" + api.getBundleId() + "] refused: 1 file preserved: vm1/0x1");
        assertThat(api.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(tiny.instance(handler)).isSameAs(instance);
    }

    @Test
    void thePinTableIsAServiceBeforeAnyBundleIsStarted() throws Exception {
        tiny.close();
        tiny.framework.init();
        assertThat(tiny.framework.getBundleContext().getServiceReferences(PinTable.class, null))
                .singleElement()
                .satisfies(found -> assertThat(tiny.framework.getBundleContext().getService(found))
                        .isSameAs(tiny.pins));
        assertThat(tiny.framework.getState()).isEqualTo(Bundle.STARTING);
        tiny.framework.start();
        assertThat(tiny.framework.getBundleContext().getServiceReferences(PinTable.class, null))
                .hasSize(1);
    }

    @Test
    void bundlesGetTheClassOfThePinTableFromTheFramework() throws Exception {
        Bundle core = tiny.start("core", "Import-Package: org.luo.pin,org.osgi.framework");
        assertThat(core.loadClass(PinTable.class.getName())).isSameAs(PinTable.class);
    }
}
