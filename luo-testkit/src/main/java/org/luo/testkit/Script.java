// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * What a recording plug-in does before, or instead of, its usual answer.
 *
 * <pre>{@code
 * memfd.on(Callback.FREEZE, 3).fails(Errno.EIO);
 * memfd.on(Callback.RETRIEVE).runs(latch::await);
 * }</pre>
 *
 * <p>Several steps for one call are taken in the order in which they were written. Thread-safe; steps run outside any
 * lock.
 */
public final class Script {
    /** A step; what it throws, the callback throws, even where its signature allows no checked exception. */
    @FunctionalInterface
    public interface Step {
        /** Takes the step. */
        void run() throws Throwable;
    }

    /** Which calls a step belongs to. */
    public final class When {
        private final Callback callback;
        private final long call;

        private When(Callback callback, long call) {
            this.callback = callback;
            this.call = call;
        }

        /** The callback fails with this errno. */
        public void fails(Errno errno) {
            runs(() -> {
                throw LuoException.of(errno, callback + " was told to fail");
            });
        }

        /** The callback throws this. */
        public void throwing(Throwable thrown) {
            runs(() -> {
                throw thrown;
            });
        }

        /** The callback waits: counts {@code reached} down, then waits for {@code go}. */
        public void waits(CountDownLatch reached, CountDownLatch go) {
            runs(() -> {
                reached.countDown();
                go.await();
            });
        }

        /** The callback runs this first. */
        public void runs(Step step) {
            add(new Line(callback, call, step, null));
        }

        /** The callback returns this, or null, instead of its usual answer. */
        public void returns(Object answer) {
            add(new Line(callback, call, null, Optional.ofNullable(answer)));
        }
    }

    /** A usual answer. */
    @FunctionalInterface
    interface Answer<T, E extends Exception> {
        T get() throws E;
    }

    private record Line(Callback callback, long call, Step step, Optional<Object> answer) {}

    private static final long EVERY = 0;

    private final String who;
    private final Journal journal;

    // Guarded by this.
    private final List<Line> lines = new ArrayList<>();
    private final Map<Callback, Long> calls = new EnumMap<>(Callback.class);

    Script(String who, Journal journal) {
        this.who = who;
        this.journal = journal;
    }

    /** For every call from now on. */
    public When on(Callback callback) {
        return new When(callback, EVERY);
    }

    /** For the n-th call from now on, the next one being 1. */
    public synchronized When on(Callback callback, int call) {
        return new When(callback, calls.getOrDefault(callback, 0L) + call);
    }

    /** Forgets all steps. */
    public synchronized void clear() {
        lines.clear();
    }

    private synchronized void add(Line line) {
        lines.add(line);
    }

    private synchronized List<Line> next(Callback callback) {
        long call = calls.merge(callback, 1L, Long::sum);
        return lines.stream()
                .filter(line -> line.callback == callback && (line.call == EVERY || line.call == call))
                .toList();
    }

    /** Writes a call down and takes the steps for it; then the usual answer follows, or the one that was scripted. */
    @SuppressWarnings("unchecked")
    <T, E extends Exception> T called(Callback callback, String what, Answer<T, E> usual) throws E {
        journal.add(who, callback, what);
        Answer<T, E> answer = usual;
        for (Line line : next(callback)) {
            if (line.step == null) {
                answer = () -> (T) line.answer.orElse(null);
            } else {
                take(line.step);
            }
        }
        return answer.get();
    }

    /** As above, of a callback that returns nothing. */
    void called(Callback callback, String what) {
        journal.add(who, callback, what);
        next(callback).stream().map(Line::step).filter(Objects::nonNull).forEach(Script::take);
    }

    private static void take(Step step) {
        try {
            step.run();
        } catch (Throwable e) {
            throw Script.<RuntimeException>unchecked(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
