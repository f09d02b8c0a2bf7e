// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.atomic.AtomicInteger;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for somebody to finish or to come: the end of an update for its last incoming session, orphans for a plug-in
 * that reads them, subsystems for what is kept for them.
 */
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final Core core;
    private final InTurn inTurn;
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile boolean sessionsCame;

    Settlement(Core core, InTurn inTurn) {
        this.core = core;
        this.inTurn = inTurn;
    }

    /** So many incoming sessions have to be finished; none means that sessions end nothing. */
    void await(int sessions) {
        unfinished.set(sessions);
        sessionsCame = sessions > 0;
    }

    /** An incoming session is finished, for the first time. No lock is held. */
    void sessionFinished() {
        unfinished.decrementAndGet();
        settle();
    }

    /**
     * Does what can be done. If somebody else has the turn, he does it when he ends it. To be called whenever something has
     * come or a turn has ended; no lock is held.
     */
    void settle() {
        while (isUnsettled() && !inTurn.isMine() && inTurn.isFree()) {
            try {
                inTurn.tryRun("settle", this::settleOne);
            } catch (LuoException e) {
                LOG.warn("{}", e.getMessage());
                return; // whoever comes next tries again
            }
        }
    }

    private void settleOne() {
        if (isUpdateOver()) {
            core.states().finishAll();
        } else if (mayAdopt()) {
            core.adopter().adoptOrphans();
        } else if (state() == LiveUpdateState.NORMAL) {
            core.subsystems().finishLate();
        }
    }

    private boolean isUnsettled() {
        return isUpdateOver()
                || mayAdopt()
                || state() == LiveUpdateState.NORMAL && core.subsystems().isLate();
    }

    private boolean mayAdopt() {
        return core.adopter().isWanted() && (state() == LiveUpdateState.NORMAL || state() == LiveUpdateState.UPDATED);
    }

    private boolean isUpdateOver() {
        return state() == LiveUpdateState.UPDATED && unfinished.get() == 0 && sessionsCame;
    }

    private LiveUpdateState state() {
        return core.states().state();
    }
}
