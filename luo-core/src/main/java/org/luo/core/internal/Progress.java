// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What a thread is doing in plug-ins, for those who wait for it and may have to go on without it.
 *
 * <p>It lies on the path of every callback, also in the blackout, so it takes no time of day and wakes nobody: who waits
 * looks now and then whether the count of steps has grown. A thread that is given up in a callback finds out when that
 * returns; from then on nothing that it does has an effect, and what it has begun is taken back by others.
 */
final class Progress {
    private static final ThreadLocal<Progress> MINE = ThreadLocal.withInitial(Progress::make);
    private static final List<WeakReference<Progress>> ALL = new ArrayList<>(); // guarded by itself
    private static final long GIVEN_UP = -1;
    private static final VarHandle STEPS;

    static {
        try {
            STEPS = MethodHandles.lookup().findVarHandle(Progress.class, "steps", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Written by its thread, and published with steps.
    private Object who;
    private String callback;
    private long steps;

    /** What is to be taken back if the thread is given up, latest last. Used by whoever has given it up from then on. */
    private final Deque<Undo> begun = new ArrayDeque<>();

    /** Whether somebody waits who would go on without it. */
    private boolean watched;

    /** How many steps are just being taken back, one within the other. */
    private int undoing;

    private volatile boolean back;

    private final ClientCall call = new ClientCall();

    /** What this thread waits for, if that is a lock under which plug-ins are called. */
    private volatile PatientLock waitsFor;

    private static Progress make() {
        Progress made = new Progress();
        synchronized (ALL) {
            ALL.removeIf(reference -> reference.get() == null);
            ALL.add(new WeakReference<>(made));
        }
        return made;
    }

    /** This thread's. */
    static Progress mine() {
        return MINE.get();
    }

    /** Whether this thread has been given up, so that others take back what it has begun. */
    static boolean isGivenUp() {
        return mine().givenUp();
    }

    boolean givenUp() {
        return (long) STEPS.getAcquire(this) == GIVEN_UP;
    }

    /** Somebody waits for this thread. */
    void watch() {
        watched = true;
    }

    boolean isWatched() {
        return watched;
    }

    Object who() {
        return who;
    }

    String callback() {
        return callback;
    }

    /** A callback begins; what was under way goes on after {@link #leave}. False if the thread has been given up. */
    boolean enter(Object by, String name) {
        if (watched && givenUp()) {
            return false;
        }
        who = by;
        callback = name;
        return advance();
    }

    /** A callback has ended, and what was under way before goes on; false if the thread has been given up. */
    boolean leave(Object outer, String outerCallback) {
        if (!advance()) {
            return false;
        }
        who = outer;
        callback = outerCallback;
        return true;
    }

    private boolean advance() {
        if (!watched) {
            STEPS.setRelease(this, steps + 1);
            return true;
        }
        long now = steps();
        return now != GIVEN_UP && STEPS.compareAndSet(this, now, now + 1);
    }

    long steps() {
        return (long) STEPS.getAcquire(this);
    }

    /** Gives the thread up if it has come no further than this and is in a callback. */
    boolean giveUp(long since) {
        return since != GIVEN_UP && who != null && STEPS.compareAndSet(this, since, GIVEN_UP);
    }

    /** The callback in which the thread was given up has returned. */
    void back() {
        back = true;
    }

    /** Whether the callback in which the thread was given up is still running. */
    boolean hangs() {
        return !back;
    }

    /** Something is being taken back, or by a negative number has been. */
    void undoing(int more) {
        undoing += more;
    }

    boolean isUndoing() {
        return undoing > 0;
    }

    void begin(Undo undo) {
        begun.push(undo);
    }

    void ended(Undo undo) {
        begun.remove(undo);
    }

    /** Takes back what a thread that has been given up has begun, latest first. What has been taken back is not again. */
    void takeBack() {
        while (!isGivenUp() && !begun.isEmpty()) {
            begun.peek().takeBack();
            if (!isGivenUp()) {
                begun.poll();
            }
        }
    }

    /** The call of a client that this thread is in, if it is in one. */
    ClientCall call() {
        return call;
    }

    void waitsFor(PatientLock lock) {
        waitsFor = lock;
    }

    PatientLock waitsFor() {
        return waitsFor;
    }

    /** Whether nobody counts on it any more, as long as it has not returned. */
    boolean isLost() {
        return call.isOverdue() || givenUp() && hangs();
    }

    /** Whether a callback is under way, given up or not. */
    boolean isCalling() {
        return who != null && call.thread().isAlive() && !(givenUp() && back);
    }

    /** {@code freeze of vm1/0x1}: the callbacks under way in all threads but this one. */
    static List<String> elsewhere() {
        Progress mine = mine();
        return all().stream()
                .filter(each -> each != mine && !each.givenUp() && each.who != null)
                .map(Progress::toString)
                .toList();
    }

    /** Those of all threads. */
    static List<Progress> all() {
        List<Progress> all = new ArrayList<>();
        synchronized (ALL) {
            for (WeakReference<Progress> reference : ALL) {
                Progress each = reference.get();
                if (each != null) {
                    all.add(each);
                }
            }
        }
        return all;
    }

    /** {@code freeze of vm1/0x1}: the callback under way. */
    @Override
    public String toString() {
        return callback + " of " + who;
    }
}
