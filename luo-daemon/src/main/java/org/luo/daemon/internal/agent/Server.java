// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.daemon.internal.Protocol;
import org.luo.linux.Epoll;
import org.luo.linux.EventFd;
import org.luo.linux.Packet;
import org.luo.linux.Peer;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that accepts and reads. It takes up one event at a time, a few thousand bytes at most, under the lock, so
 * that nothing is under way once {@link #freeze} has returned; while frozen, or as long as nobody serves, it waits.
 *
 * <p>It is made and started before there is a listening socket: in a blackout {@link #listen} only adds that.
 */
final class Server {
    /** Who is at the other end of a socket. */
    @FunctionalInterface
    interface Peers {
        Peer of(UnixSocket socket) throws LuoException;
    }

    /** Most clients, and most of one user but root. */
    static final int MOST = 1024;

    static final int MOST_OF_ONE = 512;

    private static final Logger LOG = LoggerFactory.getLogger("luo.agent");
    private static final long FREEZE_MILLIS = 5_000;
    private static final long CLOSE_MILLIS = 2_000;
    private static final long LINE_NANOS = 30_000_000_000L;
    private static final int TICK_MILLIS = 1_000;
    private static final int PAUSE_MILLIS = 100;
    private static final int BATCH = 64;
    private static final long WAKE = 0;
    private static final long LISTEN = 1;

    private final Agent agent;
    private final Peers peers;
    private final Epoll epoll;
    private final EventFd wake;
    private final Thread thread;
    private final Map<Long, Connection> connections = new HashMap<>(); // of the thread
    private long lastKey = LISTEN; // of the thread
    private boolean deaf; // of the thread: it could not accept, and tries again after a pause

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private UnixSocket listening; // guarded by lock
    private volatile boolean frozen; // set under lock
    private volatile boolean closed;

    /**
     * Starts the thread.
     *
     * <p>Undo: {@link #close}.
     *
     * @throws LuoException EMFILE · ENFILE
     */
    Server(Agent agent, Peers peers) throws LuoException {
        this.agent = agent;
        this.peers = peers;
        this.epoll = Epoll.create();
        try {
            this.wake = EventFd.create();
            epoll.add(wake.fd(), Epoll.EPOLLIN, WAKE);
        } catch (LuoException e) {
            epoll.close();
            throw e;
        }
        this.thread = Thread.ofPlatform().name("luo-agent").daemon().start(this::run);
    }

    /**
     * Begins to accept.
     *
     * @param socket belongs to this object from here on, unless it throws
     */
    void listen(UnixSocket socket) throws LuoException {
        lock.lock();
        try {
            socket.setNonBlocking(true);
            epoll.add(socket.fd(), Epoll.EPOLLIN, LISTEN);
            listening = socket;
        } finally {
            lock.unlock();
        }
    }

    Agent agent() {
        return agent;
    }

    /** Whether the agent can serve has changed. */
    void changed() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes up nothing more.
     *
     * @return the listening socket's fd
     * @throws LuoException EAGAIN if a request is under way for too long
     */
    int freeze() throws LuoException {
        boolean locked = false;
        try {
            locked = lock.tryLock(FREEZE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!locked) {
            throw LuoException.of(Errno.EAGAIN, "freeze door agent: a request is still under way");
        }
        try {
            frozen = true;
            return listening.fd();
        } finally {
            lock.unlock();
        }
    }

    void unfreeze() {
        lock.lock();
        try {
            frozen = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes everything here, and has the agent let go of its sessions. The thread does it, or nobody could tell what an
     * fd is; waits for that, but not for ever.
     *
     * @return whether it was frozen, so that a successor serves
     */
    boolean close() {
        agent.stop();
        boolean handedOver = frozen;
        closed = true;
        wake.signal();
        try {
            if (lock.tryLock(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                changed.signalAll();
                lock.unlock();
            }
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return handedOver;
    }

    private void run() {
        Epoll.Events events = new Epoll.Events(BATCH);
        Packet packet = new Packet(Connection.MAX_LINE, 0);
        try {
            while (serve(events, packet)) {
                epoll.await(events, timeout());
            }
        } catch (LuoException | RuntimeException | Error e) {
            LOG.error("the agent's thread ends: nobody is served any more", e);
        } finally {
            release();
        }
    }

    private int timeout() {
        if (deaf) {
            return PAUSE_MILLIS;
        }
        return connections.values().stream().anyMatch(Connection::isHalfWay) ? TICK_MILLIS : -1;
    }

    /** Serves what has happened; returns whether to go on. */
    private boolean serve(Epoll.Events events, Packet packet) throws LuoException {
        for (int i = 0; i < events.count(); i++) {
            lock.lock();
            try {
                while (!closed && (frozen || !agent.isServing() && events.key(i) != WAKE)) {
                    changed.awaitUninterruptibly();
                }
                if (closed) {
                    return false;
                }
                serve(events.key(i), packet);
            } finally {
                lock.unlock();
            }
        }
        tick();
        return true;
    }

    private void serve(long key, Packet packet) throws LuoException {
        if (key == WAKE) {
            wake.reset();
        } else if (key == LISTEN) {
            accept();
        } else {
            Connection connection = connections.get(key);
            if (connection != null && !connection.read(packet, line -> agent.serve(connection, line))) {
                drop(key, connection);
            }
        }
    }

    private void tick() throws LuoException {
        for (Map.Entry<Long, Connection> entry : List.copyOf(connections.entrySet())) {
            if (entry.getValue().isSlow(LINE_NANOS)) {
                drop(entry.getKey(), entry.getValue());
            }
        }
        if (deaf) {
            deaf = false;
            epoll.add(listening.fd(), Epoll.EPOLLIN, LISTEN);
        }
    }

    private void accept() {
        UnixSocket socket;
        try {
            socket = listening.accept();
        } catch (LuoException.TryAgain e) {
            return; // the client has gone again
        } catch (LuoException e) {
            LOG.warn("not accepting for {} ms: {}", PAUSE_MILLIS, e.getMessage());
            deaf = true;
            epoll.remove(listening.fd());
            return;
        }
        try {
            socket.setNonBlocking(true);
            admit(new Connection(socket, peers.of(socket)));
        } catch (LuoException e) {
            LOG.warn("a client was not let in: {}", e.getMessage());
            socket.close();
        }
    }

    private void admit(Connection connection) throws LuoException {
        int uid = connection.peer().uid();
        long same = connections.values().stream()
                .filter(other -> other.peer().uid() == uid)
                .count();
        if (connections.size() >= MOST || uid != 0 && same >= MOST_OF_ONE) {
            LuoException refusal = LuoException.of(Errno.EUSERS, "connect: there are too many clients");
            connection.send(Protocol.error(refusal));
            throw refusal;
        }
        long key = ++lastKey;
        epoll.add(connection.fd(), Epoll.EPOLLIN, key);
        connections.put(key, connection);
    }

    private void drop(long key, Connection connection) {
        connections.remove(key);
        epoll.remove(connection.fd());
        agent.gone(connection);
        connection.close();
    }

    private void release() {
        lock.lock();
        try {
            closed = true;
            connections.values().forEach(connection -> {
                agent.gone(connection);
                connection.close();
            });
            connections.clear();
            epoll.close();
            wake.close();
            if (listening != null) {
                listening.close();
            }
            agent.close();
        } finally {
            lock.unlock();
        }
    }
}
