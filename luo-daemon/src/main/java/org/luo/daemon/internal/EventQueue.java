// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.LiveUpdateEvent;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.linux.EventFd;

/**
 * What happens, until a client has taken it. Beyond {@value #MOST} waiting events the newest are dropped; once the client
 * has caught up it finds one of type LOST in their place, with how many they were. Thread-safe.
 */
final class EventQueue implements LiveUpdateListener, AutoCloseable {
    static final int MOST = 1024;

    private final Set<Type> types;
    private final EventFd news;
    private final Deque<LiveUpdateEvent> waiting = new ArrayDeque<>(); // guarded by this
    private long lost; // guarded by this
    private LiveUpdateEvent latestLost; // guarded by this
    private Runnable undo = () -> {}; // guarded by this

    /** @throws LuoException EMFILE */
    EventQueue(Set<Type> types) throws LuoException {
        this.types = Set.copyOf(types);
        this.news = EventFd.create();
    }

    /** What else is to be done when nobody follows any more. */
    synchronized void onClose(Runnable last) {
        undo = last;
    }

    /** Readable while something waits. */
    int fd() {
        return news.fd();
    }

    @Override
    public Set<Type> types() {
        return types;
    }

    @Override
    public synchronized void happened(LiveUpdateEvent event) {
        if (lost > 0 || waiting.size() == MOST) {
            lost++;
            latestLost = event;
        } else {
            waiting.add(event);
            news.signal();
        }
    }

    /** The next ones in order, at most so many and one more if it tells of lost ones; empty if there are none. */
    synchronized List<LiveUpdateEvent> take(int most) {
        List<LiveUpdateEvent> taken = new ArrayList<>();
        while (taken.size() < most && !waiting.isEmpty()) {
            taken.add(waiting.remove());
        }
        if (waiting.isEmpty()) {
            news.reset();
            if (lost > 0) {
                taken.add(new LiveUpdateEvent(
                        latestLost.sequence(), latestLost.time(), Type.LOST, "", Map.of("count", Long.toString(lost))));
                lost = 0;
            }
        }
        return taken;
    }

    @Override
    public void close() {
        Runnable last;
        synchronized (this) {
            last = undo;
            undo = () -> {};
        }
        last.run();
        news.close();
    }
}
