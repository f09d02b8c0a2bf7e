// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.atomic.AtomicInteger;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The place of one compatible string. Files refer to the slot, not to the plug-in: when its service vanishes they are
 * orphaned, and when one comes back it takes them over.
 *
 * <p>Taking the slot and its service's leaving exclude each other: a user counts itself first and looks for the service
 * then; leaving takes the service away first and looks for users then.
 *
 * @param <S> file handler or FLB
 */
final class Slot<S> {
    private final Compatible compatible;
    private final AtomicInteger users = new AtomicInteger();
    private volatile Registration<S> current;
    private volatile Registration<S> latest;
    private volatile boolean moved;

    Slot(Registration<S> first) {
        this.compatible = first.compatible();
        this.current = first;
        this.latest = first;
    }

    Compatible compatible() {
        return compatible;
    }

    /** Counts one more user. Undo: {@link #release}. */
    Registration<S> use() throws LuoException {
        users.incrementAndGet();
        Registration<S> registration = current;
        if (registration == null) {
            users.decrementAndGet();
            throw gone();
        }
        return registration;
    }

    /** Counts one more user, whether the plug-in is there or not: one that is just being moved. */
    void count() {
        users.incrementAndGet();
    }

    void release() {
        users.decrementAndGet();
    }

    /** The plug-in, for a user. */
    Registration<S> require() throws LuoException {
        Registration<S> registration = current;
        if (registration == null) {
            throw gone();
        }
        return registration;
    }

    /** The plug-in, or null while orphaned. */
    Registration<S> current() {
        return current;
    }

    void current(Registration<S> registration) {
        this.current = registration;
        if (registration != null) {
            moved |= registration.owner().bundle() != latest.owner().bundle();
            this.latest = registration;
        }
    }

    /** Whether its users still pin the bundle of an earlier plug-in. */
    boolean hasMoved() {
        return moved && users.get() > 0;
    }

    /** Its users pin the bundle of the present plug-in. */
    void settled() {
        moved = false;
    }

    /**
     * The plug-in, or while orphaned the one that has left: for what must be taken back and can't wait. Its service may
     * have gone just now, after it was looked for; its bundle is pinned.
     */
    Registration<S> latest() {
        return latest;
    }

    /** For people: whose plug-in it is, empty while orphaned. */
    String owner() {
        Registration<S> registration = current;
        return registration == null ? "" : registration.owner().name();
    }

    int users() {
        return users.get();
    }

    /** Whether nothing keeps the slot: no service and no user. */
    boolean isDead() {
        return current == null && users.get() == 0;
    }

    private LuoException gone() {
        return LuoException.of(
                Errno.EAGAIN, "the service for " + compatible + " is gone; waiting for one that reads it");
    }

    @Override
    public String toString() {
        Registration<S> registration = current;
        return registration == null ? compatible + " (gone)" : registration.toString();
    }
}
