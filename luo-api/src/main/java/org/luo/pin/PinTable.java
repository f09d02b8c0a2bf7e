// SPDX-License-Identifier: Apache-2.0
package org.luo.pin;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/**
 * Who needs which bundle: the reference count of a module's owner.
 *
 * <p>A holder pins bundles; a pinned bundle, and every bundle it is wired to, cannot leave. Taking a pin and deciding
 * to leave are atomic: of a pin and a departure that exclude each other, one is refused, and neither waits.
 *
 * <p>Thread-safe. Pinning and unpinning take constant time unless something is leaving; {@link #leave} walks the wires
 * of the pinned bundles, and whatever counts or names holders walks those.
 *
 * <p>Lock order: this table's lock is a leaf. Under it only the holders' {@code equals}, {@code hashCode} and
 * {@code toString} are called, and the two functions given to the constructor, which must take no lock that anybody
 * holds while using this table.
 *
 * @see <a href="https://docs.kernel.org/driver-api/basics.html">try_module_get(), module_put()</a>
 */
public final class PinTable {
    /**
     * Property of the service: {@link #ENFORCED} if the framework itself refuses what the table refuses, {@link
     * #ADVISORY} if only those who ask the table do.
     */
    public static final String ENFORCEMENT = "luo.enforcement";

    /** See {@link #ENFORCEMENT}. */
    public static final String ENFORCED = "enforced";

    /** See {@link #ENFORCEMENT}. */
    public static final String ADVISORY = "advisory";

    private static final int NAMED_HOLDERS = 8;

    private final LongFunction<Set<Long>> providers;
    private final LongPredicate running;
    private final Map<Long, Set<Object>> holders = new HashMap<>();
    private final Map<Long, Integer> leaving = new HashMap<>();
    private final Map<Long, Integer> draining = new HashMap<>();
    private volatile boolean drains;

    /**
     * Who needs a bundle.
     *
     * @param count how many holders
     * @param first the names of the first ones, in order of the bundles and of pinning
     */
    public record Need(int count, List<String> first) {}

    /**
     * An empty table for bundles that are always taken to be running.
     *
     * @param providers the ids of all bundles that a bundle is wired to, directly or through others
     */
    public PinTable(LongFunction<Set<Long>> providers) {
        this(providers, bundle -> true);
    }

    /**
     * An empty table.
     *
     * @param providers the ids of all bundles that a bundle is wired to, directly or through others; none if there is
     *     no such bundle
     * @param running whether a bundle is there to be pinned, that is, starting or active
     */
    public PinTable(LongFunction<Set<Long>> providers, LongPredicate running) {
        this.providers = providers;
        this.running = running;
    }

    /**
     * Pins bundles for a holder, all or none. A holder pins a bundle at most once.
     *
     * <p>A pin keeps what is there from now on. A service found before may have gone in between, and its bundle may
     * have come back with another: look after pinning whether it is still registered.
     *
     * <p>Undo: {@link #unpin} with the same arguments.
     *
     * @param bundles their ids
     * @param holder compared by {@code equals}; its {@code toString} names it in refusals
     * @throws LeavingException if one of them is not running, or it or one it is wired to is leaving just now
     */
    public void pin(List<Long> bundles, Object holder) throws LeavingException {
        pinAll(bundles, List.of(holder));
    }

    /**
     * Pins bundles for many holders, all or none; otherwise as {@link #pin}.
     *
     * @param bundles their ids
     * @param all the holders
     * @throws LeavingException if one of the bundles is not running, or it or one it is wired to is leaving just now,
     *     or is drained and a holder does not pin it already
     */
    public synchronized void pinAll(List<Long> bundles, Collection<?> all) throws LeavingException {
        for (Long bundle : bundles) {
            refuseLeaving(bundle);
            if (isDrained(bundle) && !holders.getOrDefault(bundle, Set.of()).containsAll(all)) {
                throw new LeavingException("bundle " + bundle + " or one it is wired to takes no new files");
            }
        }
        for (Long bundle : bundles) {
            holders.computeIfAbsent(bundle, b -> new LinkedHashSet<>()).addAll(all);
        }
    }

    /** Takes a holder's pins away; those it does not have are ignored. */
    public synchronized void unpin(List<Long> bundles, Object holder) {
        for (Long bundle : bundles) {
            Set<Object> of = holders.get(bundle);
            if (of != null && of.remove(holder) && of.isEmpty()) {
                holders.remove(bundle);
            }
        }
    }

    /**
     * Lets a bundle leave if nobody needs it: until the departure is closed it can't be pinned.
     *
     * @param bundle its id
     * @param operation what is about to happen, for the message: {@code stop of bundle org.luo.handler.memfd [7]}
     * @throws PinnedException naming the holders
     */
    public Departure leave(long bundle, String operation) throws PinnedException {
        return leave(Set.of(bundle), operation);
    }

    /**
     * Lets several bundles leave together if nobody needs any of them.
     *
     * @param bundles their ids
     * @param operation what is about to happen, for the message
     * @throws PinnedException naming the holders; none of them may leave then
     */
    public synchronized Departure leave(Collection<Long> bundles, String operation) throws PinnedException {
        Set<Long> together = Set.copyOf(bundles);
        Set<Object> needing = needing(together);
        if (!needing.isEmpty()) {
            throw new PinnedException(refusal(operation, needing));
        }
        together.forEach(bundle -> leaving.merge(bundle, 1, Integer::sum));
        return new Departure(together);
    }

    /**
     * Lets nobody new pin a bundle, or one that is wired to it, so that those who need it become fewer; they keep their
     * pins. Drains of one bundle nest.
     *
     * <p>Undo: closing what comes back.
     *
     * @param bundle its id
     */
    public synchronized Drain drain(long bundle) {
        draining.merge(bundle, 1, Integer::sum);
        drains = true;
        return new Drain(bundle);
    }

    /** Whether nobody new may pin this bundle. Takes no lock while nothing is drained. */
    public boolean isDraining(long bundle) {
        if (!drains) {
            return false;
        }
        synchronized (this) {
            return isDrained(bundle);
        }
    }

    /**
     * Who needs a bundle, directly or through wires.
     *
     * @param bundle its id
     * @param limit how many to name at most
     */
    public synchronized Need need(long bundle, int limit) {
        Set<Object> needing = needing(Set.of(bundle));
        return new Need(needing.size(), names(needing, limit));
    }

    /** Whether a holder needs this bundle, directly or through wires. */
    public synchronized boolean isPinned(long bundle) {
        Set<Long> alone = Set.of(bundle);
        return holders.keySet().stream().anyMatch(pinned -> needs(pinned, alone));
    }

    /** How many distinct holders there are. */
    public synchronized int size() {
        return distinct().size();
    }

    /** The names of the first holders, at most so many, in order of the bundles and of pinning. */
    public synchronized List<String> names(int limit) {
        return names(distinct(), limit);
    }

    /** What is pinned: bundle id → number of holders. A copy, in order of the ids. */
    public synchronized Map<Long, Integer> pinned() {
        Map<Long, Integer> counts = new TreeMap<>();
        holders.forEach((bundle, of) -> counts.put(bundle, of.size()));
        return counts;
    }

    private void refuseLeaving(Long bundle) throws LeavingException {
        if (!running.test(bundle)) {
            throw new LeavingException("bundle " + bundle + " is not running");
        }
        if (!leaving.isEmpty()
                && (leaving.containsKey(bundle) || !Collections.disjoint(providers.apply(bundle), leaving.keySet()))) {
            throw new LeavingException("bundle " + bundle + " or one it is wired to is leaving");
        }
    }

    private boolean isDrained(Long bundle) {
        return !draining.isEmpty() && needs(bundle, draining.keySet());
    }

    private Set<Object> distinct() {
        return holders.size() == 1 ? holders.values().iterator().next() : needing(holders.keySet());
    }

    private Set<Object> needing(Set<Long> bundles) {
        Set<Object> needing = new LinkedHashSet<>();
        new TreeMap<>(holders).forEach((pinned, of) -> {
            if (needs(pinned, bundles)) {
                needing.addAll(of);
            }
        });
        return needing;
    }

    private boolean needs(Long pinned, Set<Long> bundles) {
        return bundles.contains(pinned) || !Collections.disjoint(providers.apply(pinned), bundles);
    }

    private static String refusal(String operation, Set<Object> needing) {
        String files = needing.size() == 1 ? " file" : " files";
        String rest = needing.size() > NAMED_HOLDERS ? " and " + (needing.size() - NAMED_HOLDERS) + " more" : "";
        return "EBUSY: " + operation + " refused: " + needing.size() + files + " preserved: "
                + String.join(", ", names(needing, NAMED_HOLDERS)) + rest;
    }

    private static List<String> names(Set<Object> holders, int limit) {
        return holders.stream().limit(limit).map(Object::toString).toList();
    }

    /** The permission of bundles to leave, held while they do. */
    public final class Departure implements AutoCloseable {
        private final Set<Long> bundles;
        private boolean closed;

        private Departure(Set<Long> bundles) {
            this.bundles = bundles;
        }

        /** They have left, or stay after all. Closing twice does nothing. */
        @Override
        public void close() {
            synchronized (PinTable.this) {
                if (!closed) {
                    closed = true;
                    bundles.forEach(bundle -> leaving.computeIfPresent(bundle, (b, n) -> n == 1 ? null : n - 1));
                }
            }
        }
    }

    /** Keeps new holders from a bundle until it is closed. */
    public final class Drain implements AutoCloseable {
        private final long bundle;
        private boolean closed;

        private Drain(long bundle) {
            this.bundle = bundle;
        }

        /** New holders are welcome again. Closing twice does nothing. */
        @Override
        public void close() {
            synchronized (PinTable.this) {
                if (!closed) {
                    closed = true;
                    draining.computeIfPresent(bundle, (b, n) -> n == 1 ? null : n - 1);
                    drains = !draining.isEmpty();
                }
            }
        }
    }
}
