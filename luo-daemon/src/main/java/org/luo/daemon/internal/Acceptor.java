// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import org.luo.LuoException;
import org.luo.linux.Epoll;
import org.luo.linux.EventFd;
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
    private static final int TICK_MILLIS = 5_000;

    private static final long WAKE = 0;
    private static final long LISTEN = 1;

    /** Once, until it is asked for again: while frozen, or without an fd left, the socket stays ready to accept. */
    private static final int CONNECTION = Epoll.EPOLLIN | Epoll.EPOLLONESHOT;

    private final Epoll epoll;
    private final EventFd wake;
    private final Traffic traffic;
    private final Connections connections;
    private volatile UnixSocket socket;
    private boolean released; // guarded by this

    /**
     * Makes ready to accept: the thread runs and waits for {@link #listen}.
     *
     * <p>Undo: {@link #close}.
     *
     * @throws LuoException EMFILE
     */
    Acceptor(CommandTable commands, Connections.Limits limits) throws LuoException {
        this.epoll = Epoll.create();
        try {
            this.wake = EventFd.create();
            try {
                epoll.add(wake.fd(), Epoll.EPOLLIN, WAKE);
                this.traffic = new Traffic();
            } catch (LuoException e) {
                wake.close();
                throw e;
            }
        } catch (LuoException e) {
            epoll.close();
            throw e;
        }
        this.connections = new Connections(traffic, commands, limits);
        Thread.ofPlatform().name("luo-admin").daemon().start(this::run);
    }

    /**
     * Begins to accept. Once. Wakes the thread only if somebody has connected already: this ends a blackout.
     *
     * @param listening belongs to this object from here on, unless it throws
     */
    synchronized void listen(UnixSocket listening) throws LuoException {
        listening.setNonBlocking(true);
        epoll.add(listening.fd(), CONNECTION, LISTEN);
        socket = listening;
    }

    /** Whether {@link #listen} has been called. */
    boolean isListening() {
        return socket != null;
    }

    /** The listening socket's fd. */
    int fd() {
        return socket.fd();
    }

    /** Accepts nothing and takes up no request. Neither waits nor wakes a thread: there is no time for that. */
    synchronized void freeze() {
        traffic.freeze();
    }

    synchronized void unfreeze() {
        traffic.unfreeze();
        try {
            watch();
        } catch (LuoException e) {
            LOG.error("nobody is let in any more: {}", e.getMessage());
        }
    }

    /** Waits for the next connection, unless frozen. */
    private synchronized void watch() throws LuoException {
        if (socket != null && traffic.isOpen()) {
            epoll.modify(socket.fd(), CONNECTION, LISTEN);
        }
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
        awaitRelease();
        return frozen;
    }

    /** The thread has been woken, so that this is short. */
    private synchronized void awaitRelease() {
        long deadline = System.nanoTime() + ANSWERS_MILLIS * 1_000_000;
        try {
            while (!released && System.nanoTime() < deadline) {
                wait(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Epoll.Events event = new Epoll.Events(1);
        boolean failing = false;
        while (!traffic.isClosed()) {
            try {
                if (failing || epoll.await(event, TICK_MILLIS) > 0 && event.key(0) == LISTEN) {
                    acceptOne();
                    failing = false;
                    watch();
                }
                connections.giveUp();
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
    private void release() {
        synchronized (this) {
            if (socket != null) {
                socket.close();
            }
            epoll.close();
            wake.close();
            released = true;
            notifyAll();
        }
        try {
            connections.awaitEnd();
            traffic.release();
        } catch (InterruptedException e) {
            // nobody does that; the fd goes with the process
        }
    }

    private void acceptOne() throws LuoException {
        UnixSocket accepted;
        synchronized (this) {
            if (socket == null || !traffic.isOpen()) {
                return;
            }
            try {
                accepted = socket.accept();
            } catch (LuoException.TryAgain e) {
                return; // the client has gone again
            }
        }
        connections.serve(accepted);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
