// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.luo.LuoException;
import org.luo.Token;

/**
 * A file that came over and that others depend on, or that depends on others.
 *
 * @param session the session it is in
 * @param token its token there
 */
record NeededFile(IncomingSessionImpl session, Token token) {
    /** On the way to a file, or back from it. */
    private record Step(NeededFile file, boolean back) {}

    /**
     * Brings back everything that a file depends on, each after what it depends on itself. No lock is held, since each
     * takes its own session's. Circles, which only a strange predecessor has, do no harm.
     */
    static void bringBackFor(NeededFile file) throws LuoException {
        for (NeededFile needed : inOrder(file)) {
            if (!needed.equals(file)) {
                needed.session.bringBack(needed.token);
            }
        }
    }

    private static List<NeededFile> inOrder(NeededFile first) {
        List<NeededFile> inOrder = new ArrayList<>();
        Set<NeededFile> seen = new HashSet<>();
        Deque<Step> steps = new ArrayDeque<>();
        steps.push(new Step(first, false));
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            if (step.back) {
                inOrder.add(step.file);
            } else if (seen.add(step.file)) {
                steps.push(new Step(step.file, true));
                step.file.session.needs(step.file.token).forEach(needed -> steps.push(new Step(needed, false)));
            }
        }
        return inOrder;
    }
}
