// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Packet;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A socket on which requests come: the device's, or a session's. What is no request is dropped. */
abstract class Client extends Endpoint {
    private static final Logger LOG = LoggerFactory.getLogger("luo.device");

    Client(UnixSocket socket, Endpoints endpoints) {
        super(socket, endpoints);
    }

    /** What it stands for. */
    abstract Command.Target target();

    /**
     * Executes a request that has been checked, and answers it.
     *
     * @throws LuoException what to answer instead; nothing has been answered
     */
    abstract void execute(Command command, Exchange exchange) throws LuoException;

    @Override
    protected final boolean serve(int events, Exchange exchange) {
        switch (exchange.receive(socket().fd())) {
            case NOTHING:
                return false;
            case END:
                if (isHangUp(events)) {
                    abandon();
                    return true;
                }
                return false; // an empty message, or a hang-up that will be told
            default:
        }
        try (exchange) {
            if (exchange.isRequest()) {
                answer(exchange);
            } else {
                LOG.debug("a message that is no request dropped, on {}", this);
            }
        }
        return false;
    }

    private void answer(Exchange exchange) {
        try {
            execute(Command.of(exchange, target()), exchange);
        } catch (LuoException e) {
            LOG.debug("{}: {}", this, e.getMessage());
            exchange.refuse(e.errno());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            LOG.error("a request on {} failed", this, e);
            exchange.refuse(Errno.EIO);
        }
    }

    /** Answers everything that is queued with an errno. The caller has claimed it. */
    final void refuseAll(Errno errno, Exchange exchange) {
        while (exchange.receive(socket().fd()) == Packet.Outcome.MESSAGE) {
            try (exchange) {
                if (exchange.isRequest()) {
                    exchange.refuse(errno);
                }
            }
        }
    }
}
