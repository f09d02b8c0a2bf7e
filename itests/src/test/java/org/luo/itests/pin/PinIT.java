// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.pin;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.Test;
import org.luo.LuoException;
import org.luo.Token;
import org.luo.pin.PinTable;
import org.luo.spi.FileHandler;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** A file preserved by the real handler keeps it, and all that it needs, where they are. */
public final class PinIT extends PinnedHandler {
    private static final List<String> NEEDED = List.of(
            HANDLER,
            "org.luo.api",
            "org.luo.linux",
            "org.luo.core",
            "org.apache.felix.scr",
            "org.osgi.service.component",
            "org.osgi.util.promise",
            "org.osgi.util.function");

    private interface Way {
        void tryOn(Bundle bundle) throws Exception;
    }

    @Test
    public void thePinsAreThoseOfTheFramework() throws Exception {
        assertEquals(
                "org.apache.felix.framework.PinningFelix",
                context.getBundle(0).getClass().getName());
        PinTable pins = await(PinTable.class);
        assertEquals(
                Map.of(bundle(HANDLER).getBundleId(), 1, bundle("org.luo.core").getBundleId(), 1), pins.pinned());
    }

    @Test
    public void stopUpdateAndUninstallAreRefusedForTheHandlerAndAllThatItNeeds() throws Exception {
        Map<String, Way> ways = Map.of(
                "stop", Bundle::stop,
                "stop ", bundle -> bundle.stop(Bundle.STOP_TRANSIENT),
                "update", Bundle::update,
                "update ", PinnedHandler::update,
                "uninstall", Bundle::uninstall);
        for (String name : NEEDED) {
            for (Map.Entry<String, Way> way : ways.entrySet()) {
                Bundle bundle = bundle(name);
                BundleException refused =
                        assertThrows(BundleException.class, () -> way.getValue().tryOn(bundle));
                assertEquals(BundleException.REJECTED_BY_HOOK, refused.getType());
                assertEquals(
                        "EBUSY: " + way.getKey().strip() + " of bundle " + name + " [" + bundle.getBundleId()
                                + "] refused: 1 file preserved: vm1/0x1",
                        refused.getMessage());
                stays();
            }
        }
    }

    @Test
    public void refreshIsRefusedForTheHandlerAndAllThatItNeeds() throws Exception {
        for (String name : NEEDED) {
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> refresh(List.of(bundle(name))));
            assertEquals(BundleException.REJECTED_BY_HOOK, ((BundleException) refused.getCause()).getType());
            stays();
        }
        assertEquals(FrameworkEvent.PACKAGES_REFRESHED, refresh(null));
        stays();
    }

    private int refresh(Collection<Bundle> bundles) throws Exception {
        CompletableFuture<FrameworkEvent> done = new CompletableFuture<>();
        context.getBundle(0).adapt(FrameworkWiring.class).refreshBundles(bundles, done::complete);
        return done.get(10, TimeUnit.SECONDS).getType();
    }

    @Test
    public void aHigherStartLevelLeavesTheHandlerActive() throws Exception {
        CompletableFuture<String> refused = new CompletableFuture<>();
        FrameworkListener listener = event -> {
            if (event.getType() == FrameworkEvent.ERROR) {
                refused.complete(event.getThrowable().getMessage());
            }
        };
        context.addFrameworkListener(listener);
        int level = context.getBundle(0).adapt(FrameworkStartLevel.class).getStartLevel();
        BundleStartLevel handler = bundle(HANDLER).adapt(BundleStartLevel.class);
        int before = handler.getStartLevel();
        handler.setStartLevel(level + 1);
        assertTrue(refused.get(10, TimeUnit.SECONDS).startsWith("EBUSY: stop of bundle " + HANDLER));
        stays();
        handler.setStartLevel(before);
        context.removeFrameworkListener(listener);
    }

    /** What the framework can't refuse: a component can be disabled. The file waits for it and nothing is lost. */
    @Test
    public void aDisabledHandlerLeavesItsFileAnOrphanUntilItComesBack() throws Exception {
        ServiceComponentRuntime components = await(ServiceComponentRuntime.class);
        ComponentDescriptionDTO component = components
                .getComponentDescriptionDTOs(bundle(HANDLER))
                .iterator()
                .next();
        components.disableComponent(component).getValue();
        assertTrue(context.getServiceReferences(FileHandler.class, MEMFD).isEmpty());
        assertThrows(BundleException.class, bundle(HANDLER)::stop);
        assertThrows(LuoException.TryAgain.class, () -> session.unpreserve(Token.of(1)));
        assertEquals(1, orchestrator.files().size());
        components.enableComponent(component).getValue();
        awaitHandler();
        session.unpreserve(Token.of(1));
        assertTrue(orchestrator.files().isEmpty());
    }
}
