// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.Test;
import org.luo.Errno;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.Token;
import org.luo.pin.PinTable;
import org.luo.spi.FileHandler;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** On a framework that refuses nothing: our commands do, and what happens behind our back loses no file. */
public final class AdvisoryIT extends AdvisoryPlatform {
    private static final List<String> NEEDED = List.of(
            HANDLER,
            "org.luo.api",
            "org.luo.linux",
            "org.luo.core",
            "org.apache.felix.scr",
            "org.osgi.service.component",
            "org.osgi.util.promise",
            "org.osgi.util.function");

    @Test
    public void theFrameworkIsTheStockOneAndSoItSays() throws Exception {
        assertEquals(
                "org.apache.felix.framework.Felix",
                context.getBundle(0).getClass().getName());
        ServiceReference<PinTable> pins = context.getServiceReference(PinTable.class);
        assertEquals(PinTable.ADVISORY, pins.getProperty(PinTable.ENFORCEMENT));
        String status = ask("status", "{}");
        assertTrue(status, status.contains("\"enforcement\":\"advisory\""));
        assertTrue(status, status.contains("\"ready\":true"));
    }

    @Test
    public void theBooksAreThoseOfTheFrameworkWithPins() throws Exception {
        PinTable pins = await(PinTable.class);
        assertEquals(
                Map.of(named(HANDLER).getBundleId(), 1, named("org.luo.core").getBundleId(), 1), pins.pinned());
        for (String name : NEEDED) {
            assertTrue(name, pins.isPinned(named(name).getBundleId()));
        }
        assertFalse(pins.isPinned(named("org.luo.daemon").getBundleId()));
        session.unpreserve(Token.of(1));
        assertEquals(Map.of(), pins.pinned());
    }

    @Test
    public void ourCommandsRefuseWhatTheFrameworkWouldNot() throws Exception {
        for (String name : NEEDED) {
            Bundle bundle = named(name);
            String answer = ask("bundle.stop", "{\"bundle\":\"" + name + "\"}");
            assertTrue(answer, answer.contains("\"errno\":\"EBUSY\""));
            assertTrue(
                    answer,
                    answer.contains("stop of bundle " + name + " [" + bundle.getBundleId()
                            + "] refused: 1 file preserved: vm1/0x1"));
            assertEquals(Bundle.ACTIVE, bundle.getState());
        }
        session.unpreserve(Token.of(1));
        String answer = ask("bundle.stop", "{\"bundle\":\"" + HANDLER + "\"}");
        assertTrue(answer, answer.contains("\"state\":\"resolved\""));
        named(HANDLER).start();
    }

    @Test
    public void aHandlerThatIsStoppedBehindOurBackLeavesAnOrphanThatItTakesOverAgain() throws Exception {
        Bundle handler = named(HANDLER);
        handler.stop();
        assertOrphaned();
        handler.start();
        assertKept(handler);
    }

    @Test
    public void aHandlerThatIsUpdatedBehindOurBackTakesItsFileOver() throws Exception {
        Bundle handler = named(HANDLER);
        String location = handler.getLocation();
        handler.update(URI.create(location.substring(location.indexOf("file:")))
                .toURL()
                .openStream());
        assertKept(handler);
    }

    @Test
    public void anotherBundleWithTheHandlerTakesTheFileOverAndIsPinnedForIt() throws Exception {
        Bundle first = named(HANDLER);
        String location = first.getLocation();
        first.uninstall();
        assertOrphaned();
        Bundle second = context.installBundle(location);
        second.start();
        assertKept(second);
    }

    private void assertOrphaned() throws Exception {
        assertNull(context.getServiceReference(FileHandler.class));
        assertEquals(1, orchestrator.files().size());
        LuoException refused = assertThrows(LuoException.class, orchestrator::prepare);
        assertTrue(refused.getMessage(), refused.getMessage().contains("vm1/0x1"));
        String answer = ask("prepare", "{}");
        assertTrue(answer, answer.contains("vm1/0x1"));
        assertEquals(LiveUpdateState.NORMAL, orchestrator.state());
        LuoException waits = assertThrows(LuoException.class, () -> session.unpreserve(Token.of(1)));
        assertEquals(Errno.EAGAIN, waits.errno());
        String handlers = ask("handlers", "{}");
        assertTrue(handlers, handlers.contains("\"status\":\"orphaned\""));
    }

    /** It is the handler's again: it can be frozen, its bundle is pinned, and it can be let go. */
    private void assertKept(Bundle handler) throws Exception {
        await(FileHandler.class);
        awaitPinned(handler);
        orchestrator.prepare();
        orchestrator.freeze();
        orchestrator.cancel();
        String answer = ask("bundle.stop", "{\"bundle\":\"" + HANDLER + "\"}");
        assertTrue(answer, answer.contains("refused: 1 file preserved: vm1/0x1"));
        session.unpreserve(Token.of(1));
        assertEquals(Map.of(), await(PinTable.class).pinned());
    }

    /** Repinning another bundle takes a moment. */
    private void awaitPinned(Bundle handler) throws Exception {
        PinTable pins = await(PinTable.class);
        Set<Long> wanted = Set.of(handler.getBundleId(), named("org.luo.core").getBundleId());
        long end = System.nanoTime() + 10_000_000_000L;
        while (!pins.pinned().keySet().equals(wanted)) {
            assertTrue("pinned: " + pins.pinned() + ", not " + wanted, System.nanoTime() < end);
            Thread.sleep(10);
        }
    }
}
