// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.luo.Amount;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LuoException;
import org.luo.RejectedPlugin;
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
    private final Events events;
    private final int most;
    private final Runnable came;
    private final List<Registration<S>> rejected = new ArrayList<>(); // guarded by this

    /** Those rejected that gave way to a plug-in with another string, by which one. */
    private final Map<Registration<S>, Registration<S>> superseded = new HashMap<>(); // guarded by this

    /** Why whom, also those whose constants can't be had. */
    private final Rejections<S> rejections;

    private volatile List<Slot<S>> slots = List.of();

    Registry(String kind, int most, Events events) {
        this(kind, most, events, () -> {});
    }

    /** @param came called when a plug-in has been taken; no lock is held */
    Registry(String kind, int most, Events events, Runnable came) {
        this.kind = kind;
        this.came = came;
        this.events = events;
        this.most = most;
        this.rejections = new Rejections<>(kind);
    }

    /**
     * Registers a plug-in whose constants have yet to be read; otherwise as {@link #add(Registration)}.
     *
     * @throws LuoException also EIO or EINVAL if they are none, for which it is listed as rejected
     */
    public void add(S service, Owner owner, Callbacks.Failing<Registration<S>> constants) throws LuoException {
        Registration<S> registration;
        try {
            registration = constants.call();
        } catch (LuoException e) {
            rejections.add(service, "", owner, e.getMessage());
            events.tell(Type.PLUGIN_REJECTED, owner.name(), "kind", kind, "reason", e.getMessage());
            throw e;
        }
        add(registration);
    }

    /**
     * Registers a plug-in. One that is refused is remembered, and gets its turn when another one leaves.
     *
     * @throws LuoException ENOSPC if there are too many · EEXIST if its compatible string is taken
     */
    public void add(Registration<S> registration) throws LuoException {
        addOrReject(registration);
        came.run();
    }

    private synchronized void addOrReject(Registration<S> registration) throws LuoException {
        LuoException refusal = refusal(registration);
        if (refusal != null) {
            reject(registration, refusal.getMessage());
            events.tell(Type.PLUGIN_REJECTED, registration.compatible(), "kind", kind, "reason", refusal.getMessage());
            throw refusal;
        }
        place(registration);
    }

    private void reject(Registration<S> registration, String reason) {
        rejected.add(registration);
        rejections.add(registration.service(), registration.compatible().text(), registration.owner(), reason);
    }

    private void take(Registration<S> registration) {
        rejected.remove(registration);
        rejections.remove(registration.service());
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
            LOG.info("{} {} is back, for {}", kind, registration.compatible(), Amount.of(slot.users(), "user"));
            slot.current(registration);
        }
        tell(Type.PLUGIN_REGISTERED, registration);
    }

    private void tell(Type type, Registration<S> registration) {
        events.tell(
                type,
                registration.compatible(),
                "kind",
                kind,
                "bundle",
                registration.owner().name());
    }

    /** Takes a plug-in away; what it keeps is orphaned until another reads it. */
    public void remove(S service) {
        if (removeAndPromote(service)) {
            came.run();
        }
    }

    /** True if another has got its turn. */
    private synchronized boolean removeAndPromote(S service) {
        rejections.remove(service);
        for (Registration<S> waiting : List.copyOf(rejected)) {
            if (waiting.service() == service) {
                rejected.remove(waiting);
                forget(waiting);
            }
        }
        for (Slot<S> slot : slots) {
            Registration<S> registration = slot.current();
            if (registration != null && registration.service() == service) {
                slot.current(null);
                tell(Type.PLUGIN_UNREGISTERED, registration);
                if (slot.users() > 0) {
                    events.tell(Type.PLUGIN_ORPHANED, slot.compatible(), "kind", kind, "users", slot.users());
                    LOG.warn(
                            "{} {} is gone, needed by {}: waiting for one that reads it",
                            kind,
                            slot.compatible(),
                            Amount.of(slot.users(), "user"));
                }
                slots = living().toList();
                forget(registration);
                return promote();
            }
        }
        return false;
    }

    /** What gave way to it now has given way to what it gave way to itself, if any. */
    private void forget(Registration<S> gone) {
        Registration<S> by = superseded.remove(gone);
        if (by == null) {
            superseded.values().removeIf(gone::equals);
        } else {
            superseded.replaceAll((old, other) -> other.equals(gone) ? by : other);
        }
    }

    private boolean promote() {
        boolean promoted = false;
        for (Registration<S> waiting : List.copyOf(rejected)) {
            if (!superseded.containsKey(waiting) && refusal(waiting) == null) {
                take(waiting);
                place(waiting);
                promoted = true;
            }
        }
        return promoted;
    }

    /** A step that may be refused. */
    @FunctionalInterface
    interface Step {
        void run() throws LuoException;
    }

    /**
     * Puts plug-ins in the places of others, which are rejected from now on and get their turn when these leave: all, or
     * none. Their users are moved by the caller.
     *
     * @param all who follows whom: one rejected so far, if it has the same string; else one in a slot of its own
     * @param then what has to go well too; this registry's lock is held
     * @throws LuoException EAGAIN if one of them has come or gone meanwhile
     */
    synchronized void replace(List<Succession<S>> all, Step then) throws LuoException {
        for (Succession<S> each : all) {
            boolean byIsThere = each.isWithin()
                    ? rejected.contains(each.by())
                    : each.to().current() == each.by() || all.stream().anyMatch(other -> takesPlace(other, each.by()));
            if (each.from().current() != (each.orphaned() ? null : each.old()) || !byIsThere) {
                throw LuoException.of(
                        Errno.EAGAIN, kind + " " + each.by() + " or " + each.from() + " has come or gone just now");
            }
        }
        then.run();
        all.stream().filter(Succession::isWithin).forEach(this::replace);
        all.stream().filter(each -> !each.isWithin()).forEach(this::replace);
    }

    private static <S> boolean takesPlace(Succession<S> succession, Registration<S> by) {
        return succession.isWithin() && succession.by() == by;
    }

    private void replace(Succession<S> each) {
        Slot<S> from = each.from();
        Slot<S> to = each.to();
        if (each.isWithin()) {
            take(each.by());
            to.current(each.by());
            tell(Type.PLUGIN_REGISTERED, each.by());
        } else {
            slots = slots.stream()
                    .filter(slot -> slot != to)
                    .map(slot -> slot == from ? to : slot)
                    .toList();
            from.current(null);
        }
        if (!each.orphaned()) {
            reject(each.old(), "what it kept is " + each.by() + "'s");
            if (!each.isWithin()) {
                superseded.put(each.old(), each.by());
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

    /** Those that are not taken, for people. */
    List<RejectedPlugin> refusals() {
        return rejections.infos();
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

    /** Whether somebody waits for a plug-in that is gone. */
    boolean hasOrphans() {
        for (Slot<S> slot : slots) {
            if (slot.current() == null && slot.users() > 0) {
                return true;
            }
        }
        return false;
    }

    /** The plug-ins that are there. */
    Stream<Registration<S>> registrations() {
        return slots.stream().map(Slot::current).filter(registration -> registration != null);
    }

    /** Every format that some plug-in reads. */
    Stream<Compatible> readable() {
        return registrations()
                .flatMap(registration ->
                        Stream.concat(Stream.of(registration.compatible()), registration.reads().stream()));
    }
}
