// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import org.luo.Errno;
import org.luo.LuoException;

/**
 * Does one thing after another, each in a thread of its own that has the turn. If a plug-in hangs there, another thread takes
 * the turn over, takes back what was begun, and ends it.
 *
 * <p>Lock order: turn → gate → …; nobody inside the gate waits for the turn.
 */
final class InTurn {
    private final Core core;
    private final Turn turn = new Turn();

    InTurn(Core core) {
        this.core = core;
    }

    /** Whether this thread is within one of those things. */
    boolean isMine() {
        return turn.isMine();
    }

    /** Whether nothing is under way. */
    boolean isFree() {
        return turn.isFree();
    }

    /**
     * Waits for the turn and does it.
     *
     * @param last what is done for a thread that has been given up, when all that it had begun has been taken back
     * @throws LuoException if this process does not serve any more when it has the turn · as {@link Attempt#run}
     */
    <T> T run(String what, Runnable last, Callbacks.Failing<T> body) throws LuoException {
        return Attempt.run(
                what,
                core.patience(),
                () -> {
                    await(what);
                    try {
                        core.gate().requireOutside();
                        return body.call();
                    } finally {
                        turn.end();
                    }
                },
                new Heir(last));
    }

    /** Does it, unless somebody has the turn; whoever that is looks by himself for what is to be done when he ends it. */
    void tryRun(String what, Runnable body) throws LuoException {
        Attempt.run(
                what,
                core.patience(),
                () -> {
                    if (turn.tryTake()) {
                        try {
                            body.run();
                        } finally {
                            turn.end();
                        }
                    }
                    return what;
                },
                new Heir(() -> {}));
    }

    private void await(String what) throws LuoException {
        try {
            turn.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw LuoException.of(Errno.EAGAIN, what + ": interrupted while another transition was under way", e);
        }
    }

    /** Goes on for a thread that had the turn. */
    private final class Heir implements Attempt.TakeBack {
        private final Runnable last;

        Heir(Runnable last) {
            this.last = last;
        }

        @Override
        public void takeOver(Thread givenUp) {
            turn.takeFrom(givenUp);
            core.gate().takeOver(givenUp);
        }

        @Override
        public void again() {
            core.sessions().outgoing().forEach(OutgoingSessionImpl::unfreeze);
        }

        @Override
        public void last() {
            last.run();
            turn.end();
        }
    }
}
