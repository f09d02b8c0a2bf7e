// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import org.luo.LuoException;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening socket: each connection opens the device, or is told at once why not. Shared with a successor. */
final class Listener extends Endpoint {
    private static final Logger LOG = LoggerFactory.getLogger("luo.device");
    private static final long PAUSE_MILLIS = 100;

    private final Device device;
    private boolean failing; // of the thread that serves

    Listener(UnixSocket socket, Endpoints endpoints, Device device) throws LuoException {
        super(socket, endpoints);
        this.device = device;
        socket.setNonBlocking(true);
    }

    @Override
    protected boolean serve(int events, Exchange exchange) {
        try {
            device.admit(socket().accept(), exchange);
            failing = false;
        } catch (LuoException.TryAgain e) {
            return false; // the client has gone again
        } catch (LuoException e) {
            pause(e);
        }
        return false;
    }

    /** For want of fds, most likely: the client waits, and so does this thread, or it would be told again at once. */
    private void pause(LuoException e) {
        if (!failing) {
            LOG.warn("trying every {} ms to accept a connection: {}", PAUSE_MILLIS, e.getMessage());
        }
        failing = true;
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    void abandon() {
        // nothing is behind it
    }

    @Override
    void refuse(Exchange exchange) {
        // those who wait are the successor's
    }

    @Override
    public String toString() {
        return "the listening socket";
    }
}
