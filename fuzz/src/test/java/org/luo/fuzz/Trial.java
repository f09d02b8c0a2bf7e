// SPDX-License-Identifier: Apache-2.0
package org.luo.fuzz;

import java.nio.file.Path;
import java.util.Set;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * One input given to a target: it is taken, or refused with an errno that fits, and nothing else.
 *
 * <p>What a target checks besides belongs into its step: an assertion that fails is a finding too.
 */
public final class Trial {
    private static final Path FDS = Path.of("/proc/self/fd");

    /** What is done with an input. */
    @FunctionalInterface
    public interface Step {
        /** Does it. */
        void run() throws LuoException;
    }

    private Trial() {}

    /** Runs a step that may end with a refusal of these errnos; returns whether it was taken. */
    public static boolean run(Step step, Errno... refusals) {
        try {
            step.run();
            return true;
        } catch (LuoException e) {
            if (!Set.of(refusals).contains(e.errno())) {
                throw new AssertionError("refused with an errno that does not fit: " + e.getMessage(), e);
            }
            return false;
        }
    }

    /**
     * As {@link #run}, of a step that must leave as many fds as there were. The JVM opens some of its own when it likes,
     * so a leak is what happens every time.
     */
    public static void runWithFds(Step step, Errno... refusals) {
        int leaked = 0;
        for (int attempt = 0; attempt < 3; attempt++) {
            int before = openFds();
            run(step, refusals);
            leaked = openFds() - before;
            if (leaked == 0) {
                return;
            }
        }
        throw new AssertionError(Amount.of(leaked, "fd") + " more than before");
    }

    private static int openFds() {
        String[] names = FDS.toFile().list();
        return names == null ? 0 : names.length;
    }
}
