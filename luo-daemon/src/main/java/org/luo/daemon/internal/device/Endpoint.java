// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import org.luo.LuoException;
import org.luo.linux.Epoll;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket that is served by one thread at a time.
 *
 * <p>Happy path: IDLE → SERVING → IDLE … → CLOSED. Whoever {@linkplain #claim claims} it serves it and then either
 * gives it back or ends it; or he hangs in a plug-in and it is taken from him. Lock order: this → {@link Endpoints}.
 */
abstract class Endpoint {
    private static final Logger LOG = LoggerFactory.getLogger("luo.device");

    private enum State {
        IDLE,
        SERVING,
        CLOSED
    }

    static final int EVENTS = Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLONESHOT;
    private static final int HANG_UP = Epoll.EPOLLRDHUP | Epoll.EPOLLHUP;

    /** Tells it from the others; not 0. */
    final long key;

    private final UnixSocket socket;
    private final Endpoints endpoints;

    // Guarded by this.
    private State state = State.IDLE;
    private Thread owner;
    private boolean doomed;

    /** @param socket belongs to this object from here on */
    Endpoint(UnixSocket socket, Endpoints endpoints) {
        this.socket = socket;
        this.endpoints = endpoints;
        this.key = endpoints.nextKey();
    }

    /** Whether an event says that the other side has gone, so that after what is queued there is the end. */
    static boolean isHangUp(int events) {
        return (events & HANG_UP) != 0;
    }

    /**
     * Serves what has happened.
     *
     * @param exchange the thread's
     * @return whether this was the end: there is nothing behind the socket any more
     */
    protected abstract boolean serve(int events, Exchange exchange);

    /** Lets go of what is behind the socket, since nobody will ask for it again. The caller has claimed it. */
    abstract void abandon();

    /** Refuses what is queued, since a successor has what was behind the socket. The caller has claimed it. */
    abstract void refuse(Exchange exchange);

    final UnixSocket socket() {
        return socket;
    }

    /** Takes it for this thread, if nobody has it. Undo: {@link #run}, {@link #release}, {@link #end}. */
    final synchronized boolean claim() {
        if (state != State.IDLE) {
            return false;
        }
        state = State.SERVING;
        owner = Thread.currentThread();
        return true;
    }

    /**
     * As {@link #claim}, but waits for another thread that has it, at most until this time of {@link System#nanoTime}.
     */
    final synchronized boolean claimBy(long deadline) {
        boolean interrupted = false;
        for (long left = 1; left > 0 && isServedByAnother(); left = (deadline - System.nanoTime()) / 1_000_000) {
            try {
                wait(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return claim();
    }

    private boolean isServedByAnother() {
        return state == State.SERVING && owner != Thread.currentThread();
    }

    /** Takes it, or has it ended by whoever has it. */
    final synchronized boolean claimOrDoom() {
        doomed = true;
        return claim();
    }

    /** Serves it once; then the next event goes to any thread, or it has ended. The caller has claimed it. */
    final void run(int events, Exchange exchange) {
        boolean ended = true;
        try {
            ended = serve(events, exchange);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            LOG.error("{} is closed", this, e);
            abandon();
        } finally {
            if (isMine() && (ended || !release())) {
                end();
            }
        }
    }

    private synchronized boolean isMine() {
        return state == State.SERVING && owner == Thread.currentThread();
    }

    /** A thread that hangs in a plug-in has it no longer: others serve what comes next. */
    final synchronized void disown(Thread hanging) {
        if (state == State.SERVING && owner == hanging) {
            state = State.IDLE;
            notifyAll();
            watchAgain();
        }
    }

    /** Gives it back, unless it is doomed: then the caller must end it. */
    final boolean release() {
        synchronized (this) {
            if (!doomed) {
                state = State.IDLE;
                notifyAll();
                watchAgain();
                return true;
            }
        }
        abandon();
        return false;
    }

    /** Has its events told again, if nobody has it. */
    final synchronized void watchAgain() {
        if (state == State.IDLE) {
            try {
                endpoints.watchAgain(this);
            } catch (LuoException e) {
                throw new IllegalStateException(e); // it is open and watched
            }
        }
    }

    /** Closes the socket. */
    final synchronized void end() {
        state = State.CLOSED;
        notifyAll();
        endpoints.remove(this);
        socket.close();
    }
}
