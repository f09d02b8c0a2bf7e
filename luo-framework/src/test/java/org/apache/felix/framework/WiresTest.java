// SPDX-License-Identifier: Apache-2.0
package org.apache.felix.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** The pin table is used while others hold every lock that Felix has. */
@Timeout(60)
final class WiresTest {
    @TempDir
    private Path directory;

    @Test
    void followingWiresTakesNoneOfFelixsLocks() throws Exception {
        PinningFelix felix = new PinningFelix(Map.of("org.osgi.framework.storage", directory.toString()));
        felix.start();
        BundleImpl api = install(felix, "api", "Export-Package: tiny.api");
        BundleImpl handler = install(felix, "handler", "Import-Package: tiny.api");
        api.start();
        handler.start();
        felix.acquireBundleLock(api, Bundle.ACTIVE);
        felix.acquireBundleLock(handler, Bundle.ACTIVE);
        assertThat(felix.acquireGlobalLock()).isTrue();
        synchronized (api) {
            synchronized (handler) {
                synchronized (felix.getDependencies()) {
                    assertThat(elsewhere(() -> usePins(felix, api, handler))).isEqualTo(2);
                }
            }
        }
        felix.releaseGlobalLock();
        felix.releaseBundleLock(handler);
        felix.releaseBundleLock(api);
        felix.stop();
        felix.waitForStop(0);
    }

    private static int usePins(PinningFelix felix, Bundle api, Bundle handler) {
        List<Long> bundles = List.of(handler.getBundleId());
        try {
            felix.pins().pin(bundles, "file");
            int needed = (felix.pins().isPinned(api.getBundleId()) ? 1 : 0)
                    + (felix.pins().isPinned(handler.getBundleId()) ? 1 : 0);
            felix.pins().unpin(bundles, "file");
            felix.pins()
                    .leave(List.of(api.getBundleId(), handler.getBundleId()), "refresh")
                    .close();
            return needed;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static int elsewhere(java.util.function.IntSupplier use) throws Exception {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> result.complete(use.getAsInt()));
        return result.get(10, TimeUnit.SECONDS);
    }

    private BundleImpl install(PinningFelix felix, String name, String header) throws Exception {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue(header.split(": ")[0], header.split(": ")[1]);
        Path jar = directory.resolve(name + ".jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return (BundleImpl) felix.getBundleContext().installBundle(jar.toUri().toString());
    }
}
