// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.luo.LiveUpdateEvent;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners what happens. Whoever has something to tell only puts it into a queue, and not even that if nobody
 * wants it: no text is made, no thread woken. A thread of its own, there while listeners are, looks every few
 * milliseconds and calls them. Beyond {@value #MOST} waiting events the newest are dropped and counted.
 *
 * <p>The queue's lock is a leaf.
 */
public final class Events {
    static final int MOST = 4096;

    private static final Logger LOG = LoggerFactory.getLogger("luo.core");
    private static final Duration PERIOD = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** An event nobody has looked at yet; subject and details are what cannot change any more. */
    private record Pending(long sequence, long time, Type type, Object subject, Object... details) {
        LiveUpdateEvent event() {
            Map<String, String> texts = new LinkedHashMap<>();
            for (int i = 0; i < details.length; i += 2) {
                texts.put(details[i].toString(), details[i + 1].toString());
            }
            return new LiveUpdateEvent(sequence, time, type, subject.toString(), texts);
        }
    }

    /** A listener, and what it wants. */
    private record Listening(LiveUpdateListener listener, Set<Type> types) {}

    private volatile List<Listening> listeners = List.of();
    private volatile Set<Type> wanted = Set.of();
    private Thread teller; // guarded by this

    private final Object lock = new Object();
    private Deque<Pending> waiting = new ArrayDeque<>(); // guarded by lock
    private long sequence; // guarded by lock
    private long lost; // guarded by lock
    private boolean telling; // guarded by lock

    /** A listener has come. */
    public synchronized void add(LiveUpdateListener listener) {
        try {
            Set<Type> types = EnumSet.of(Type.LOST);
            types.addAll(Callbacks.failing("a listener", "types", listener::types));
            listeners(Stream.concat(listeners.stream(), Stream.of(new Listening(listener, types)))
                    .toList());
        } catch (LuoException e) {
            LOG.error("listener {} is told nothing: {}", listener.getClass().getName(), e.getMessage());
            return;
        }
        if (teller == null) {
            teller = Thread.ofPlatform().daemon().name("luo-events").start(this::run);
        }
    }

    /** A listener has gone. It may be called once more. */
    public synchronized void remove(LiveUpdateListener listener) {
        listeners(listeners.stream().filter(l -> l.listener != listener).toList());
        if (listeners.isEmpty() && teller != null) {
            LockSupport.unpark(teller);
            teller = null;
        }
    }

    private void listeners(List<Listening> now) {
        listeners = now;
        Set<Type> types = EnumSet.noneOf(Type.class);
        now.forEach(listening -> types.addAll(listening.types));
        wanted = types;
    }

    /** Tells what is waiting; until then, for a second at most, the caller waits. */
    public void flush() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (isWaiting() && System.nanoTime() < end) {
            synchronized (this) {
                LockSupport.unpark(teller);
            }
            LockSupport.parkNanos(PERIOD.toNanos() / 10);
        }
    }

    private boolean isWaiting() {
        synchronized (lock) {
            return (telling || !waiting.isEmpty()) && !listeners.isEmpty();
        }
    }

    /** Something has happened to a subject; both it and the details are printed later. */
    void tell(Type type, Object subject) {
        if (wanted.contains(type)) {
            put(type, subject);
        }
    }

    void tell(Type type, Object subject, String detail, Object value) {
        if (wanted.contains(type)) {
            put(type, subject, detail, value);
        }
    }

    void tell(Type type, Object subject, String detail, Object value, String detail2, Object value2) {
        if (wanted.contains(type)) {
            put(type, subject, detail, value, detail2, value2);
        }
    }

    private void put(Type type, Object subject, Object... details) {
        long now = System.currentTimeMillis();
        synchronized (lock) {
            sequence++;
            if (waiting.size() < MOST) {
                waiting.add(new Pending(sequence, now, type, subject, details));
            } else {
                lost++;
            }
        }
    }

    private void run() {
        while (isTeller()) {
            if (!tellWaiting()) {
                LockSupport.parkNanos(PERIOD.toNanos());
            }
        }
    }

    private synchronized boolean isTeller() {
        return teller == Thread.currentThread();
    }

    private boolean tellWaiting() {
        Deque<Pending> taken;
        synchronized (lock) {
            if (waiting.isEmpty()) {
                return false;
            }
            telling = true;
            taken = waiting;
            waiting = new ArrayDeque<>();
            if (lost > 0) {
                taken.add(new Pending(++sequence, System.currentTimeMillis(), Type.LOST, "", "count", lost));
                lost = 0;
            }
        }
        taken.forEach(pending -> tellAll(pending.event()));
        synchronized (lock) {
            telling = false;
        }
        return true;
    }

    private void tellAll(LiveUpdateEvent event) {
        for (Listening listening : new ArrayList<>(listeners)) {
            if (listening.types.contains(event.type())) {
                Callbacks.unfailing(listening.listener, "happened", () -> listening.listener.happened(event));
            }
        }
    }
}
