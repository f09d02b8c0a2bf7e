// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;

/** A refresh that would take a pinned bundle along is refused to its caller, or else where it is carried out. */
@Timeout(60)
final class PinnedRefreshTest {
    @TempDir
    private Path directory;

    private TinyFramework tiny;
    private Bundle api;
    private Bundle handler;
    private Bundle unrelated;
    private Bundle client;
    private Object instance;

    @BeforeEach
    void start() throws Exception {
        tiny = new TinyFramework(directory);
        api = tiny.start("api", "Export-Package: tiny.api");
        handler = tiny.start("handler", "Import-Package: tiny.api,org.osgi.framework");
        unrelated = tiny.start("unrelated", "Export-Package: tiny.unrelated");
        client = tiny.start("client", "Import-Package: tiny.unrelated,org.osgi.framework");
        instance = tiny.instance(handler);
    }

    @AfterEach
    void stop() throws Exception {
        tiny.close();
    }

    private void pin() throws Exception {
        tiny.pins.pin(List.of(handler.getBundleId()), "vm1/0x1");
    }

    private void isRefused(Collection<Bundle> targets, String operation) throws Exception {
        IllegalStateException refused = catchThrowableOfType(
                IllegalStateException.class, () -> tiny.wiring().refreshBundles(targets));
        assertThat(refused).hasMessage("EBUSY: " + operation + " refused: 1 file preserved: vm1/0x1");
        assertThat(refused.getCause())
                .isInstanceOfSatisfying(
                        BundleException.class,
                        cause -> assertThat(cause.getType()).isEqualTo(BundleException.REJECTED_BY_HOOK));
        assertThat(refresh(List.of(client)).getType()).isEqualTo(FrameworkEvent.PACKAGES_REFRESHED);
        stays();
    }

    private void stays() throws Exception {
        assertThat(handler.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(tiny.instance(handler)).isSameAs(instance);
    }

    /** Refreshes and waits for the outcome. */
    private FrameworkEvent refresh(Collection<Bundle> targets) throws Exception {
        CompletableFuture<FrameworkEvent> outcome = new CompletableFuture<>();
        tiny.wiring().refreshBundles(targets, outcome::complete);
        return outcome.get(10, TimeUnit.SECONDS);
    }

    @Test
    void refreshOfAPinnedBundleIsRefused() throws Exception {
        pin();
        isRefused(List.of(handler), "refresh of bundle handler [" + handler.getBundleId() + "]");
    }

    @Test
    void refreshOfItsProviderIsRefused() throws Exception {
        pin();
        isRefused(List.of(unrelated, api), "refresh of 2 bundles");
    }

    @Test
    void refreshThroughPackageAdminIsRefused() throws Exception {
        pin();
        ServiceReference<?> found =
                tiny.framework.getBundleContext().getServiceReference("org.osgi.service.packageadmin.PackageAdmin");
        Object admin = tiny.framework.getBundleContext().getService(found);
        Throwable thrown = catchThrowableOfType(
                        InvocationTargetException.class,
                        () -> admin.getClass()
                                .getMethod("refreshPackages", Bundle[].class)
                                .invoke(admin, (Object) new Bundle[] {api}))
                .getCause();
        assertThat(thrown).isInstanceOf(IllegalStateException.class);
        stays();
    }

    @Test
    void refreshOfWhatIsNotNeededGoesThrough() throws Exception {
        pin();
        Object before = tiny.instance(client);
        assertThat(refresh(List.of(unrelated)).getType()).isEqualTo(FrameworkEvent.PACKAGES_REFRESHED);
        assertThat(tiny.instance(client)).isNotSameAs(before);
        stays();
    }

    @Test
    void refreshOfEverythingGoesThroughIfNothingNeededIsUpdated() throws Exception {
        pin();
        unrelated.update();
        assertThat(tiny.wiring().getRemovalPendingBundles()).containsExactly(unrelated);
        assertThat(refresh(null).getType()).isEqualTo(FrameworkEvent.PACKAGES_REFRESHED);
        assertThat(tiny.wiring().getRemovalPendingBundles()).isEmpty();
        stays();
    }

    @Test
    void refreshOfEverythingIsRefusedIfAProviderWasUpdatedBefore() throws Exception {
        api.update();
        pin();
        isRefused(null, "refresh");
        tiny.pins.unpin(List.of(handler.getBundleId()), "vm1/0x1");
        assertThat(refresh(null).getType()).isEqualTo(FrameworkEvent.PACKAGES_REFRESHED);
        assertThat(tiny.instance(handler)).isNotSameAs(instance);
    }

    @Test
    void refreshOfEverythingIsRefusedIfAProviderWasUninstalledBefore() throws Exception {
        api.uninstall();
        pin();
        isRefused(null, "refresh");
    }

    @Test
    void refreshOfTheFrameworkIsRefusedWhileAnythingIsPinned() throws Exception {
        pin();
        isRefused(List.of(tiny.framework), "refresh of bundle " + tiny.framework);
        assertThat(catchThrowableOfType(BundleException.class, tiny.framework::update)
                        .getType())
                .isEqualTo(BundleException.REJECTED_BY_HOOK);
        assertThat(tiny.framework.getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void aPinTakenWhileTheRefreshIsQueuedRefusesItThere() throws Exception {
        CountDownLatch pinned = new CountDownLatch(1);
        CompletableFuture<FrameworkEvent> queued = new CompletableFuture<>();
        CompletableFuture<FrameworkEvent> heard = new CompletableFuture<>();
        tiny.framework.getBundleContext().addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.ERROR) {
                heard.complete(event);
            }
        });
        tiny.wiring().refreshBundles(List.of(unrelated), event -> await(pinned));
        tiny.wiring().refreshBundles(List.of(api), queued::complete);
        pin();
        pinned.countDown();
        assertThat(queued.get(10, TimeUnit.SECONDS).getType()).isEqualTo(FrameworkEvent.ERROR);
        assertThat(heard.get(10, TimeUnit.SECONDS).getThrowable())
                .hasMessageStartingWith("EBUSY: refresh of bundle api");
        stays();
        tiny.pins.unpin(List.of(handler.getBundleId()), "vm1/0x1");
        assertThat(refresh(List.of(api)).getType()).isEqualTo(FrameworkEvent.PACKAGES_REFRESHED);
        assertThat(tiny.instance(handler)).isNotSameAs(instance);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void resolvingGoesOn() throws Exception {
        pin();
        Bundle late = tiny.install("late", "Import-Package: tiny.api,org.osgi.framework");
        assertThat(tiny.wiring().resolveBundles(List.of(late))).isTrue();
        assertThat(tiny.wiring().resolveBundles(null)).isTrue();
        late.start();
        late.uninstall();
        stays();
    }
}
