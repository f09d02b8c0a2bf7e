// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.HashSet;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.EventFd;
import org.luo.linux.Poll;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections of one listening socket, on a thread of its own, and starts a thread for each.
 *
 * <p>The socket is shared with a successor: it is non-blocking, never shut down, and accepted from under this object's
 * lock only, so that once {@link #freeze} has returned no connection is taken from the successor. Lock order: this,
 * then {@link Traffic}.
 */
final class Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger("luo.admin");
    private static final long ANSWERS_MILLIS = 2_000;
    private static final long PAUSE_MILLIS = 100;

    private final UnixSocket socket;
    private final CommandTable commands;
    private final Limits limits;
    private final EventFd wake;
    private final Traffic traffic;
    private final Thread thread;
    private final Set<Connection> connections = new HashSet<>(); // guarded by this
    private int numbered; // guarded by this

    /**
     * What a client may use up.
     *
     * @param connections how many at once
     * @param patience how long each may take over its requests
     */
    record Limits(int connections, LineReader.Patience patience) {}

    /**
     * Begins to accept.
     *
     * <p>Undo: {@link #close}.
     *
     * @param socket belongs to this object from here on, unless it throws
     * @throws LuoException EMFILE
     */
    Acceptor(UnixSocket socket, CommandTable commands, Limits limits) throws LuoException {
        socket.setNonBlocking(true);
        this.socket = socket;
        this.commands = commands;
        this.limits = limits;
        this.wake = EventFd.create();
        try {
            this.traffic = new Traffic();
        } catch (LuoException e) {
            wake.close();
            throw e;
        }
        this.thread = Thread.ofPlatform().name("luo-admin").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The listening socket's fd. */
    int fd() {
        return socket.fd();
    }

    /** Accepts nothing and takes up no request. Does not wait. */
    synchronized void freeze() {
        traffic.freeze();
        wake.signal();
    }

    synchronized void unfreeze() {
        traffic.unfreeze();
        wake.signal();
    }

    /**
     * Closes the listening socket here, and every connection once its answer is written; waits for the answers, but not
     * for the one this thread is about to give.
     *
     * @return whether it was frozen, so that a successor serves
     */
    boolean close() {
        boolean frozen;
        synchronized (this) {
            frozen = traffic.close();
            wake.signal();
        }
        traffic.awaitAnswers(ANSWERS_MILLIS);
        return frozen;
    }

    private void run() {
        boolean failing = false;
        while (!traffic.isClosed()) {
            try {
                int listening = traffic.isOpen() ? socket.fd() : -1;
                Poll.await(new int[] {wake.fd(), listening}, Poll.POLLIN, -1);
                wake.reset();
                acceptOne();
                failing = false;
            } catch (LuoException e) {
                if (!failing) {
                    LOG.warn("trying every {} ms to accept a connection: {}", PAUSE_MILLIS, e.getMessage());
                }
                failing = true;
                pause();
            }
        }
        release();
    }

    /** The fds go when nobody can use them any more: a signal to a closed one might reach another file. */
    private synchronized void release() {
        socket.close();
        wake.close();
        while (!connections.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException e) {
                return; // nobody does that; the process will close it
            }
        }
        traffic.release();
    }

    private void acceptOne() throws LuoException {
        UnixSocket accepted;
        synchronized (this) {
            if (!traffic.isOpen()) {
                return;
            }
            try {
                accepted = socket.accept();
            } catch (LuoException.TryAgain e) {
                return; // the client has gone again, or it was only a wake-up
            }
        }
        serve(accepted);
    }

    private void serve(UnixSocket accepted) throws LuoException {
        Connection connection = new Connection(accepted, traffic, commands, limits.patience());
        int number;
        synchronized (this) {
            number = connections.size() < limits.connections() && connections.add(connection) ? ++numbered : 0;
        }
        if (number == 0) {
            refuse(accepted);
            return;
        }
        Thread.ofPlatform().name("luo-admin-" + number).daemon().start(() -> {
            try {
                connection.run();
            } finally {
                forget(connection);
            }
        });
    }

    private synchronized void forget(Connection connection) {
        connections.remove(connection);
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

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
