// SPDX-License-Identifier: Apache-2.0
package org.luo.pin;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongFunction;

/**
 * Who needs which bundle: the reference count of a module's owner.
 *
 * <p>A holder pins bundles; a pinned bundle, and every bundle it is wired to, cannot leave. Taking a pin and deciding
 * to leave are atomic: of a pin and a departure that exclude each other, one is refused.
 *
 * <p>Thread-safe; every method takes constant time but {@link #leave}, which walks the wires of the pinned bundles.
 * Lock order: this table's lock is a leaf, and no holder's method but {@code toString} is called under it.
 *
 * @see <a href="https://docs.kernel.org/driver-api/basics.html">try_module_get(), module_put()</a>
 */
public final class PinTable {
    private static final int NAMED_HOLDERS = 8;

    private final LongFunction<Set<Long>> providers;
    private final Map<Long, Set<Object>> holders = new HashMap<>();
    private final Map<Long, Integer> leaving = new HashMap<>();

    /**
     * An empty table.
     *
     * @param providers the ids of all bundles that a bundle is wired to, directly or through others
     */
    public PinTable(LongFunction<Set<Long>> providers) {
        this.providers = providers;
    }

    /**
     * Pins bundles for a holder, all or none. A holder pins a bundle at most once.
     *
     * <p>Undo: {@link #unpin} with the same arguments.
     *
     * @param bundles their ids
     * @param holder compared by {@code equals}; its {@code toString} names it in refusals
     * @throws LeavingException if one of them, or one they are wired to, is leaving just now
     */
    public synchronized void pin(List<Long> bundles, Object holder) throws LeavingException {
        if (!leaving.isEmpty()) {
            refuseLeaving(bundles);
        }
        for (Long bundle : bundles) {
            holders.computeIfAbsent(bundle, b -> new LinkedHashSet<>()).add(holder);
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
    public synchronized Departure leave(long bundle, String operation) throws PinnedException {
        Set<Object> needing = needing(bundle);
        if (!needing.isEmpty()) {
            throw new PinnedException(refusal(operation, needing));
        }
        leaving.merge(bundle, 1, Integer::sum);
        return new Departure(bundle);
    }

    /** Whether a holder needs this bundle, directly or through wires. */
    public synchronized boolean isPinned(long bundle) {
        return !needing(bundle).isEmpty();
    }

    /** How many distinct holders there are. */
    public synchronized int size() {
        Set<Object> all = new LinkedHashSet<>();
        holders.values().forEach(all::addAll);
        return all.size();
    }

    /** What is pinned: bundle id → number of holders. A copy. */
    public synchronized Map<Long, Integer> pinned() {
        Map<Long, Integer> counts = new LinkedHashMap<>();
        new TreeSet<>(holders.keySet())
                .forEach(bundle -> counts.put(bundle, holders.get(bundle).size()));
        return counts;
    }

    private void refuseLeaving(List<Long> bundles) throws LeavingException {
        for (Long bundle : bundles) {
            if (leaving.containsKey(bundle) || providers.apply(bundle).stream().anyMatch(leaving::containsKey)) {
                throw new LeavingException("bundle " + bundle + " or one it is wired to is being stopped");
            }
        }
    }

    private Set<Object> needing(long bundle) {
        Set<Object> needing = new LinkedHashSet<>();
        holders.forEach((pinned, of) -> {
            if (pinned == bundle || providers.apply(pinned).contains(bundle)) {
                needing.addAll(of);
            }
        });
        return needing;
    }

    private static String refusal(String operation, Set<Object> needing) {
        String names = String.join(
                ", ", needing.stream().limit(NAMED_HOLDERS).map(Object::toString).toList());
        String rest = needing.size() > NAMED_HOLDERS ? " and " + (needing.size() - NAMED_HOLDERS) + " more" : "";
        String files = needing.size() == 1 ? " file" : " files";
        return "EBUSY: " + operation + " refused: " + needing.size() + files + " preserved: " + names + rest;
    }

    /** A bundle's permission to leave, held while it does. */
    public final class Departure implements AutoCloseable {
        private final long bundle;
        private boolean closed;

        private Departure(long bundle) {
            this.bundle = bundle;
        }

        /** The bundle has left, or stays after all. Closing twice does nothing. */
        @Override
        public void close() {
            synchronized (PinTable.this) {
                if (!closed) {
                    closed = true;
                    leaving.computeIfPresent(bundle, (b, n) -> n == 1 ? null : n - 1);
                }
            }
        }
    }
}
