// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.luo.Errno;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where this process is between two live updates.
 *
 * <p>Happy path: NORMAL → PREPARED → FROZEN → handed over; the successor UPDATED → NORMAL. An update takes the steps that
 * are left by itself, and finishes first if it is UPDATED. Unhappy: a step that fails, or an update, ends in NORMAL with
 * everything cancelled: subsystems in reverse, then files. UPDATED ends with the last incoming session that is finished.
 *
 * <p>One transition at a time: whoever has the turn makes it, see {@link InTurn}.
 */
final class StateMachine {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final Core core;
    private final InTurn inTurn;
    private final Settlement settlement;
    private final AtomicBoolean updating = new AtomicBoolean();
    private final Tally tally = new Tally();
    private final UpdateClock clock = new UpdateClock(tally);
    private volatile LiveUpdateState state = LiveUpdateState.NORMAL;

    StateMachine(Core core) {
        this.core = core;
        this.inTurn = new InTurn(core);
        this.settlement = new Settlement(core, inTurn);
    }

    Settlement settlement() {
        return settlement;
    }

    Tally tally() {
        return tally;
    }

    UpdateClock clock() {
        return clock;
    }

    LiveUpdateState state() {
        return state;
    }

    void prepare() throws LuoException {
        transition("prepare", EnumSet.of(LiveUpdateState.NORMAL), this::prepareAll);
    }

    void freeze() throws LuoException {
        transition("freeze", EnumSet.of(LiveUpdateState.PREPARED), this::takeBack, () -> {
            try {
                core.departure().stop(door -> !door.servesWhileFrozen());
                core.host().settle();
                core.gate().rest();
            } finally {
                if (state != LiveUpdateState.FROZEN) {
                    takeBack();
                }
            }
        });
    }

    void cancel() throws LuoException {
        transition(
                "cancel", EnumSet.of(LiveUpdateState.PREPARED, LiveUpdateState.FROZEN), this::takeBack, this::takeBack);
    }

    void finish() throws LuoException {
        transition("finish", EnumSet.of(LiveUpdateState.UPDATED), this::finishAll);
    }

    /**
     * Runs a handover, with the steps before it that are left to do. It has handed over when this returns.
     *
     * @param giveUp ends the handover's part if a plug-in hangs in it
     */
    <T> T update(String kind, Runnable giveUp, Callbacks.Failing<T> handOver) throws LuoException {
        if (inTurn.isMine() || !updating.compareAndSet(false, true)) {
            throw LuoException.of(Errno.EBUSY, "live update: one is under way");
        }
        try {
            // Whoever waits for the turn must be outside, and so must whoever has waited.
            core.gate().requireOutside();
            return attempt(kind, giveUp, handOver);
        } finally {
            updating.set(false);
            settlement.settle();
        }
    }

    private <T> T attempt(String kind, Runnable giveUp, Callbacks.Failing<T> handOver) throws LuoException {
        boolean[] begun = new boolean[1];
        try {
            return inTurn.run("live update", () -> hung(kind, giveUp), () -> {
                begun[0] = true;
                try {
                    return steps(kind, handOver);
                } finally {
                    takeBack();
                }
            });
        } catch (LuoException | RuntimeException | Error e) {
            if (begun[0] && !core.gate().isRelinquished()) {
                tally.failed(clock.hasFrozen());
                core.events().tell(Type.UPDATE_FAILED, "", "kind", kind, "reason", String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private void hung(String kind, Runnable giveUp) {
        Callbacks.unfailing("handover " + kind, "giveUp", giveUp);
        takeBack();
    }

    private <T> T steps(String kind, Callbacks.Failing<T> handOver) throws LuoException {
        core.events().tell(Type.UPDATE_STARTED, "", "kind", kind);
        clock.begin(kind, state == LiveUpdateState.FROZEN);
        if (state == LiveUpdateState.UPDATED) {
            core.doors().settle();
            Obstacles.refuse(core);
            finishAll();
        }
        prepareIfNormal();
        clock.handOver();
        return handOver.call();
    }

    /**
     * Runs a rehearsal of an update, which freezes nothing.
     *
     * @param giveUp ends the handover's part if a plug-in hangs in it
     * @throws LuoException EINVAL while frozen: taking that back must not wait for a successor
     */
    void check(Runnable giveUp, Step step) throws LuoException {
        transition("check", EnumSet.complementOf(EnumSet.of(LiveUpdateState.FROZEN)), giveUp, () -> {
            Obstacles.refuse(core);
            step.run();
        });
    }

    /**
     * Runs what is a live update in small, within this process; the step shuts the gate by itself.
     *
     * @throws LuoException EINVAL if prepared or frozen: subsystems, or a successor, know what is to be changed
     */
    void adopt(Step step) throws LuoException {
        transition("adopt", EnumSet.of(LiveUpdateState.NORMAL, LiveUpdateState.UPDATED), step);
    }

    /** A step. */
    @FunctionalInterface
    interface Step {
        void run() throws LuoException;
    }

    private void transition(String what, Set<LiveUpdateState> from, Step step) throws LuoException {
        transition(what, from, () -> {}, step);
    }

    /** @param giveUp what is done if a plug-in hangs in the step, when what that had begun has been taken back */
    private void transition(String what, Set<LiveUpdateState> from, Runnable giveUp, Step step) throws LuoException {
        core.gate().requireOutside();
        if (inTurn.isMine()) {
            throw LuoException.of(Errno.EDEADLK, what + " from within a callback of another transition");
        }
        try {
            inTurn.run(what, giveUp, () -> {
                requireState(what, from);
                step.run();
                return what;
            });
        } finally {
            settlement.settle();
        }
    }

    private void requireState(String what, Set<LiveUpdateState> from) throws LuoException {
        if (!from.contains(state)) {
            String only = from.stream().map(LiveUpdateState::toString).collect(Collectors.joining(" or "));
            LOG.warn("{} refused: the state is {}, and it leads on from {} only", what, state, only);
            throw LuoException.of(Errno.EINVAL, what + ": the state is " + state + ", not " + only);
        }
    }

    /** Prepares all subsystems, or none. The turn is this thread's. */
    private void prepareAll() throws LuoException {
        long start = System.nanoTime();
        Obstacles.refuse(core);
        FileOrder.of(core);
        core.subsystems().prepare();
        tally.took(Tally.PREPARE, System.nanoTime() - start);
        move(LiveUpdateState.PREPARED);
    }

    /** For a handover that freezes by itself. */
    void prepareIfNormal() throws LuoException {
        if (state == LiveUpdateState.NORMAL) {
            prepareAll();
        }
    }

    /** Takes everything back that this process has prepared or frozen; nothing if it has handed over. */
    void takeBack() {
        if (core.gate().isRelinquished() || Progress.isGivenUp()) {
            return;
        }
        switch (state) {
            case FROZEN -> core.departure().unfreeze();
            case PREPARED -> {
                core.subsystems().cancel();
                move(LiveUpdateState.NORMAL);
            }
            case NORMAL, UPDATED -> {
                // nothing to take back
            }
        }
    }

    /** The update has come to its end. The turn is this thread's. */
    void finishAll() {
        core.subsystems().finish();
        move(LiveUpdateState.NORMAL);
    }

    /** The only place where the state changes. */
    void move(LiveUpdateState to) {
        LiveUpdateState from = state;
        if (from != to) {
            state = to;
            core.host().moved(from, to);
            core.events().tell(Type.STATE_CHANGED, "", "from", from, "to", to);
        }
    }

    /** What came over has been built, and nobody has seen it. */
    void arrived(int sessions) {
        settlement.await(sessions);
        if (sessions > 0 || core.subsystems().hasInherited()) {
            state = LiveUpdateState.UPDATED;
        }
    }
}
