// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Every callback of every recording plug-in that shares it, in the order in which they began.
 *
 * <p>Shape: one line each, {@code memfd.freeze a}: plug-in, callback, and what it was given in that plug-in's words.
 * Thread-safe.
 */
public final class Journal {
    private record Entry(String who, Callback callback, String what) {
        @Override
        public String toString() {
            return who + "." + callback + (what.isEmpty() ? "" : " " + what);
        }
    }

    private final List<Entry> entries = new ArrayList<>(); // guarded by this

    /** An empty journal. */
    public Journal() {}

    synchronized void add(String who, Callback callback, String what) {
        entries.add(new Entry(who, callback, what));
    }

    /** All lines. A copy. */
    public synchronized List<String> lines() {
        return entries.stream().map(Entry::toString).toList();
    }

    /** The lines of these callbacks only. A copy. */
    public synchronized List<String> lines(Callback first, Callback... others) {
        Set<Callback> wanted = EnumSet.of(first, others);
        return entries.stream()
                .filter(entry -> wanted.contains(entry.callback))
                .map(Entry::toString)
                .toList();
    }

    /** How often a callback was called, of any plug-in. */
    public synchronized int count(Callback callback) {
        return (int)
                entries.stream().filter(entry -> entry.callback == callback).count();
    }

    /** Forgets all lines. */
    public synchronized void clear() {
        entries.clear();
    }

    @Override
    public String toString() {
        return lines().toString();
    }
}
