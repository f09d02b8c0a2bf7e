// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be taken back, latest first, unless everything goes well; a step that fails does not stop the others. If
 * the thread is given up meanwhile, others take it back.
 */
final class Undo implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final Deque<Runnable> steps = new ArrayDeque<>();
    private final Progress of = Progress.mine();

    Undo() {
        of.begin(this);
    }

    /** Another step has been done; this takes it back and must not throw. */
    void add(Runnable takeBack) {
        steps.push(takeBack);
    }

    /** Everything went well. */
    void keep() {
        steps.clear();
    }

    @Override
    public void close() {
        if (!of.givenUp()) {
            takeBack();
            of.ended(this);
        }
    }

    /** Ends early if the calling thread is given up in a step. */
    void takeBack() {
        while (!Progress.isGivenUp() && !steps.isEmpty()) {
            Runnable step = steps.pop();
            Progress mine = Progress.mine();
            mine.undoing(1);
            try {
                step.run();
            } catch (Throwable e) {
                LOG.warn("undoing a step failed; going on", e);
            } finally {
                mine.undoing(-1);
            }
        }
    }
}
