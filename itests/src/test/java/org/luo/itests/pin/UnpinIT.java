// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.pin;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.Test;
import org.luo.LuoException;
import org.luo.Token;
import org.luo.pin.PinTable;
import org.luo.spi.FileHandler;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.SynchronousBundleListener;

/** Without a preserved file the real handler comes and goes as any bundle. */
public final class UnpinIT extends PinnedHandler {
    @Test
    public void unpreservingUnpins() throws Exception {
        session.unpreserve(Token.of(1));
        assertTrue(await(PinTable.class).pinned().isEmpty());
        Bundle handler = bundle(HANDLER);
        handler.stop();
        assertEquals(Bundle.RESOLVED, handler.getState());
        assertThrows(LuoException.NotFound.class, () -> session.preserve(fd, Token.of(1)));
        handler.start();
        assertNotSame(instance, awaitHandler());
        session.preserve(fd, Token.of(1));
        assertThrows(BundleException.class, handler::stop);
    }

    @Test
    public void closingTheSessionUnpins() throws Exception {
        session.close();
        update(bundle(HANDLER));
        assertEquals(Bundle.ACTIVE, bundle(HANDLER).getState());
        assertNotSame(instance, awaitHandler());
    }

    @Test
    public void aFileIsNotPreservedByAHandlerThatIsLeaving() throws Exception {
        session.unpreserve(Token.of(1));
        CompletableFuture<LuoException> answer = new CompletableFuture<>();
        SynchronousBundleListener listener = event -> {
            if (event.getType() == BundleEvent.STOPPING) {
                answer.complete(assertThrows(LuoException.class, () -> session.preserve(fd, Token.of(1))));
            }
        };
        context.addBundleListener(listener);
        bundle(HANDLER).stop();
        context.removeBundleListener(listener);
        assertTrue(
                answer.get().toString(),
                answer.get() instanceof LuoException.TryAgain || answer.get() instanceof LuoException.NotFound);
        assertTrue(context.getServiceReferences(FileHandler.class, MEMFD).isEmpty());
        bundle(HANDLER).start();
    }
}
