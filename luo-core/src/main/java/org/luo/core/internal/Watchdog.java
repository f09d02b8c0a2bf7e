// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.luo.CallbackInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then which callbacks are under way, so that nothing is to be done for that in a call. A client's call in
 * which one has not returned in time is declared overdue: see {@link ClientCall}.
 */
final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");
    private static final int LOOKS = 16;

    /** What may be interrupted, since it leaves everything as before if it fails. What fails for good may come in the end. */
    private static final Set<String> INTERRUPTED = Set.of("canPreserve", "preserve", "canFinish");

    private final Core core;
    private final Map<Progress, Seen> underWay = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /**
     * A callback that was under way when somebody looked.
     *
     * @param steps and call: as they were, and have been since
     * @param since when it was seen first
     */
    private record Seen(long steps, long call, long since) {
        boolean isStill(Progress progress) {
            return progress.steps() == steps && Math.abs(progress.call().number()) == Math.abs(call);
        }

        long millis() {
            return (System.nanoTime() - since) / 1_000_000;
        }
    }

    Watchdog(Core core) {
        this.core = core;
    }

    /** Looks in a thread of its own as long as it lives. Undo: {@link #stop}. */
    static Watchdog start(Core core) {
        Watchdog watchdog = new Watchdog(core);
        WeakReference<Watchdog> weak = new WeakReference<>(watchdog); // a core that nobody stops can go all the same
        Thread.ofPlatform().daemon().name("luo-watchdog").start(() -> run(weak));
        return watchdog;
    }

    void stop() {
        stopped = true;
    }

    private static void run(WeakReference<Watchdog> weak) {
        try {
            for (Watchdog it = weak.get(); it != null && !it.stopped; it = weak.get()) {
                it.look();
                Duration pause = it.core.callTimeout().dividedBy(LOOKS);
                it = null;
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        List<Progress> all = Progress.all();
        underWay.keySet().retainAll(all);
        for (Progress progress : all) {
            look(progress);
        }
    }

    private void look(Progress progress) {
        Seen now = new Seen(progress.steps(), progress.call().number(), System.nanoTime());
        if (!progress.isCalling()) {
            underWay.remove(progress);
            return;
        }
        Seen seen = underWay.get(progress);
        if (seen == null || !seen.isStill(progress)) {
            underWay.put(progress, now);
        } else if (seen.millis() >= core.callTimeout().toMillis()
                && progress.call().isCall(now.call, core.gate())) {
            giveUp(progress, now.call, seen.millis());
        }
    }

    /** Declares a client's call overdue, unless its callback has returned just now. */
    static void giveUp(Progress progress, long call, long millis) {
        String callback = progress.callback();
        String why = progress + " has not returned for " + millis + " ms";
        if (callback != null && progress.call().giveUp(call, why, INTERRUPTED.contains(callback))) {
            LOG.warn("{}: the client is refused, and so is who wants its session, until it does", why);
        }
    }

    /** Those that have been under way since somebody last looked, or longer. */
    List<CallbackInfo> callbacks() {
        return underWay.entrySet().stream()
                .filter(entry -> entry.getValue().isStill(entry.getKey())
                        && entry.getKey().isCalling())
                .map(entry -> describe(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static CallbackInfo describe(Progress progress, Seen seen) {
        Object who = progress.who();
        return new CallbackInfo(
                String.valueOf(progress.callback()),
                String.valueOf(who),
                who instanceof Plugged plugged ? plugged.slot().owner() : "",
                seen.millis(),
                progress.isLost(),
                progress.call().thread().threadId());
    }
}
