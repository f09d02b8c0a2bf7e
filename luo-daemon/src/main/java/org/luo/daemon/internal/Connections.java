// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.CallbackInfo;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections that are open, each on a thread of its own; one too many is told so. Thread-safe. */
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger("luo.admin");

    private final Traffic traffic;
    private final CommandTable commands;
    private final Limits limits;
    private final Set<Connection> open = new HashSet<>(); // guarded by this
    private int numbered; // guarded by this

    /**
     * What clients may use up.
     *
     * @param connections how many at once
     * @param patience how long each may take over its requests
     */
    record Limits(int connections, LineReader.Patience patience) {}

    Connections(Traffic traffic, CommandTable commands, Limits limits) {
        this.traffic = traffic;
        this.commands = commands;
        this.limits = limits;
    }

    /** Serves a client until it goes. Its socket belongs to this object from here on. */
    void serve(UnixSocket accepted) {
        Connection connection = new Connection(accepted, traffic, commands, limits.patience());
        int number = enter(connection);
        if (number == 0) {
            refuse(accepted);
            return;
        }
        Thread.ofPlatform().name("luo-admin-" + number).daemon().start(() -> {
            try {
                connection.run();
            } finally {
                leave(connection);
            }
        });
    }

    /** Tells those clients in whose command a plug-in's callback hangs, and makes room for others. */
    void giveUp() {
        List<Connection> serving;
        synchronized (this) {
            serving = open.stream().filter(Connection::isServing).toList();
        }
        if (serving.isEmpty()) {
            return;
        }
        Map<Long, CallbackInfo> overdue = commands.overdue();
        serving.stream().filter(connection -> connection.giveUp(overdue)).forEach(this::leave);
    }

    /** Waits until all have ended. */
    synchronized void awaitEnd() throws InterruptedException {
        while (!open.isEmpty()) {
            wait();
        }
    }

    private synchronized int enter(Connection connection) {
        return open.size() < limits.connections() && open.add(connection) ? ++numbered : 0;
    }

    private synchronized void leave(Connection connection) {
        open.remove(connection);
        notifyAll();
    }

    private void refuse(UnixSocket accepted) {
        try (accepted) {
            byte[] error = Protocol.error(LuoException.of(
                    Errno.EAGAIN, "connect: " + limits.connections() + " connections are open, which is the most"));
            accepted.write(error, 0, error.length);
        } catch (LuoException e) {
            LOG.debug("connection refused, and its client has gone: {}", e.getMessage());
        }
    }
}
