// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plug-ins of one kind, in order of registration. Reading takes no lock: the list is replaced, never changed.
 *
 * @param <S> file handler or FLB
 */
public final class Registry<S> {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final String kind;
    private final int most;
    private final List<Registration<S>> rejected = new ArrayList<>();
    private volatile List<Slot<S>> slots = List.of();

    Registry(String kind, int most) {
        this.kind = kind;
        this.most = most;
    }

    /**
     * Registers a plug-in. One that is refused is remembered, and gets its turn when another one leaves.
     *
     * @throws LuoException ENOSPC if there are too many · EEXIST if its compatible string is taken
     */
    public synchronized void add(Registration<S> registration) throws LuoException {
        LuoException refusal = refusal(registration);
        if (refusal != null) {
            rejected.add(registration);
            throw refusal;
        }
        place(registration);
    }

    /** Why a plug-in cannot be taken now, or null; checked in the kernel's order. */
    private LuoException refusal(Registration<S> registration) {
        Slot<S> slot = slot(registration.compatible());
        if (slot != null && slot.current() == null) {
            return null;
        }
        String what = "register " + kind + " " + registration.compatible() + " of "
                + registration.owner().name();
        if (living().count() >= most) {
            return LuoException.of(Errno.ENOSPC, what + ": " + most + " are registered already");
        }
        return slot == null
                ? null
                : LuoException.of(
                        Errno.EEXIST,
                        what + ": taken by " + slot.current().owner().name());
    }

    private void place(Registration<S> registration) {
        Slot<S> slot = slot(registration.compatible());
        if (slot == null) {
            slots = Stream.concat(living(), Stream.of(new Slot<>(registration))).toList();
        } else {
            LOG.info("{} {} is back, {} users go on", kind, registration.compatible(), slot.users());
            slot.current(registration);
        }
    }

    /** Takes a plug-in away; what it keeps is orphaned until another reads it. */
    public synchronized void remove(S service) {
        rejected.removeIf(registration -> registration.service() == service);
        for (Slot<S> slot : slots) {
            Registration<S> registration = slot.current();
            if (registration != null && registration.service() == service) {
                slot.current(null);
                if (slot.users() > 0) {
                    LOG.warn(
                            "{} {} is gone; {} users wait for one that reads it",
                            kind,
                            slot.compatible(),
                            slot.users());
                }
                slots = living().toList();
                promote();
                return;
            }
        }
    }

    private void promote() {
        for (Registration<S> waiting : List.copyOf(rejected)) {
            if (refusal(waiting) == null) {
                rejected.remove(waiting);
                place(waiting);
            }
        }
    }

    private Stream<Slot<S>> living() {
        return slots.stream().filter(slot -> !slot.isDead());
    }

    /** All slots, in order of registration. */
    List<Slot<S>> slots() {
        return slots;
    }

    synchronized List<Registration<S>> rejected() {
        return List.copyOf(rejected);
    }

    /** The slot of this string, or null. */
    Slot<S> slot(Compatible compatible) {
        for (Slot<S> slot : slots) {
            if (slot.compatible().equals(compatible) && !slot.isDead()) {
                return slot;
            }
        }
        return null;
    }

    /** The slot whose plug-in reads this format, the writer's own first, or null. */
    Slot<S> reader(Compatible format) {
        Slot<S> own = slot(format);
        if (own != null && own.current() != null) {
            return own;
        }
        for (Slot<S> slot : slots) {
            Registration<S> registration = slot.current();
            if (registration != null && registration.canRead(format)) {
                return slot;
            }
        }
        return null;
    }

    /** Every format that some plug-in reads. */
    Stream<Compatible> readable() {
        return slots.stream()
                .map(Slot::current)
                .filter(registration -> registration != null)
                .flatMap(registration ->
                        Stream.concat(Stream.of(registration.compatible()), registration.reads().stream()));
    }
}
