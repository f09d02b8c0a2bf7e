// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.luo.Errno;
import org.luo.LuoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what calls plug-ins in a thread of its own, and waits for it as long as every single callback returns in time.
 *
 * <p>If one does not, the thread is given up: what it has begun is taken back, in another thread of the same kind, since
 * that calls plug-ins too; and the caller is told who hangs. One hop for all callbacks together, none for each.
 *
 * @param <T> what comes out of it
 */
final class Attempt<T> {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");
    private static final int LOOKS = 8;

    private final String what;
    private final Duration patience;
    private final FutureTask<T> task;
    private final Thread thread;
    private final CompletableFuture<Progress> progress = new CompletableFuture<>();

    /** What is done for a thread that has been given up. */
    interface TakeBack {
        /** What that thread has is the calling one's. */
        void takeOver(Thread givenUp);

        /** Whatever several callbacks take back in a row, and one of them hung. */
        void again();

        /** What comes when every step that was begun has been taken back. */
        void last();
    }

    private Attempt(String what, Duration patience, Callbacks.Failing<T> body) {
        this.what = what;
        this.patience = patience;
        this.task = new FutureTask<>(body::call);
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("luo-" + what.replace(' ', '-'))
                .unstarted(this::run);
    }

    private void run() {
        Progress mine = Progress.mine();
        mine.watch();
        progress.complete(mine);
        task.run();
    }

    /**
     * Runs it.
     *
     * @param takeBack for a thread that is given up; in between the steps that it has begun are taken back
     * @throws LuoException ETIMEDOUT naming the callback that did not return · whatever the body throws
     */
    static <T> T run(String what, Duration patience, Callbacks.Failing<T> body, TakeBack takeBack) throws LuoException {
        Attempt<T> attempt = new Attempt<>(what, patience, body);
        attempt.thread.start();
        if (attempt.await()) {
            return attempt.result();
        }
        LuoException refusal = attempt.refusal();
        LOG.warn("{}; what was begun is taken back without it", refusal.getMessage());
        Deque<Progress> left = new ArrayDeque<>();
        left.push(attempt.progress.join());
        Thread givenUp = attempt.thread;
        while (givenUp != null) {
            givenUp = takeBack(attempt, left, givenUp, takeBack);
        }
        throw refusal;
    }

    private LuoException refusal() {
        Progress hung = progress.join();
        if (hung.who() instanceof Suspect suspect) {
            suspect.suspect(hung);
        }
        String who = hung.callback() + " of " + hung.who();
        return LuoException.of(
                Errno.ETIMEDOUT, what + ": " + who + " has not returned for " + patience.toMillis() + " ms");
    }

    /** Takes back what is left; null, or the thread in which that hangs too, so that somebody goes on behind that. */
    private static Thread takeBack(Attempt<?> of, Deque<Progress> left, Thread givenUp, TakeBack takeBack) {
        boolean again = left.peek().isUndoing();
        Attempt<Boolean> undo = new Attempt<>("undo " + of.what, of.patience, () -> {
            takeBack.takeOver(givenUp);
            if (again) {
                takeBack.again();
            }
            left.forEach(Progress::takeBack);
            takeBack.last();
            return true;
        });
        undo.thread.start();
        if (undo.await()) {
            return null;
        }
        LOG.warn("{}; going on without it", undo.refusal().getMessage());
        left.push(undo.progress.join());
        return undo.thread;
    }

    /** Whether it has ended; false if its thread has been given up. */
    private boolean await() {
        Progress of = progress.join();
        long seen = of.steps();
        long since = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get(Math.max(1, patience.toMillis() / LOOKS), TimeUnit.MILLISECONDS);
                    return true;
                } catch (ExecutionException e) {
                    return true;
                } catch (InterruptedException e) {
                    interrupted = true;
                    thread.interrupt();
                } catch (TimeoutException e) {
                    long now = of.steps();
                    if (now != seen) {
                        seen = now;
                        since = System.nanoTime();
                    } else if (System.nanoTime() - since > patience.toNanos() && of.giveUp(seen)) {
                        return false;
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private T result() throws LuoException {
        boolean interrupted = Thread.interrupted();
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case LuoException refused -> throw refused;
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("it has ended", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
