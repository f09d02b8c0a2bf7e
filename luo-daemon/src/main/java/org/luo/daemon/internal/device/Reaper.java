// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Session;
import org.luo.linux.Epoll;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what nobody has any more.
 *
 * <p>A client's close(2) returns before its hang-up is served here, but in the kernel whatever it closed is gone by then.
 * So before a request is refused because of something that exists, everything whose client has gone is closed, and the
 * request is tried again.
 */
final class Reaper {
    private static final Logger LOG = LoggerFactory.getLogger("luo.device");

    /** How long one socket whose client has gone may hold up others, from when that was noticed. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final Endpoints endpoints;
    private final Queue<OutgoingSession> refused = new ConcurrentLinkedQueue<>();

    Reaper(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    /** What may be refused because of something that nobody has any more. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws LuoException;
    }

    /** Tries, and for one of these reasons once more after reaping. A request in the midst of another is tried once. */
    <T> T attempt(Exchange exchange, Attempt<T> attempt, Errno... reasons) throws LuoException {
        try {
            return attempt.run();
        } catch (LuoException e) {
            if (!exchange.isOutermost() || !Arrays.asList(reasons).contains(e.errno())) {
                throw e;
            }
        }
        reap(exchange);
        exchange.resume();
        return attempt.run();
    }

    /** Closes every socket whose client has gone, and what is behind it; what is queued there is served before. */
    void reap(Exchange exchange) {
        endpoints.hungUp().forEach((endpoint, noticed) -> {
            while (endpoint.claimBy(noticed + PATIENCE_NANOS)) {
                endpoint.run(Epoll.EPOLLHUP, exchange.inner());
            }
        });
        tryAgain();
    }

    /** Whether there is something to reap. */
    boolean isNeeded() {
        return !refused.isEmpty() || !endpoints.hungUp().isEmpty();
    }

    /**
     * Closes a session. If a plug-in does not allow it, an incoming one can be retrieved again, and an outgoing one is
     * closed later: nobody could use it.
     */
    void close(Session session) {
        try {
            session.close();
        } catch (LuoException e) {
            if (session instanceof OutgoingSession outgoing) {
                LOG.warn("session '{}' has no client and will be closed later: {}", session.name(), e.getMessage());
                refused.add(outgoing);
            } else {
                LOG.warn("session '{}' was let go and can be retrieved again: {}", session.name(), e.getMessage());
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.error("session '{}' was let go, and closing it failed", session.name(), e);
        }
    }

    /** Closes the sessions that could not be closed when their clients went. */
    void tryAgain() {
        for (OutgoingSession session = refused.poll(); session != null; session = refused.poll()) {
            try {
                session.close();
            } catch (LuoException e) {
                refused.add(session);
                return;
            }
        }
    }
}
