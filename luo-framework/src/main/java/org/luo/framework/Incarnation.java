// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that can't be mistaken for another one which got its pid later.
 *
 * @param pid its pid
 * @param startTime when it was started, in clock ticks since the machine was
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5), field 22</a>
 */
record Incarnation(long pid, long startTime) {
    private static final int STATE = 0; // field 3, the first one after the name
    private static final int START_TIME = 19;

    /** This process. */
    static Incarnation own() throws IOException {
        long pid = ProcessHandle.current().pid();
        return running(pid).orElseThrow(() -> new IOException("/proc does not know pid " + pid));
    }

    /** The process that has this pid now, if there is one that has not ended. */
    static Optional<Incarnation> running(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The name, in parentheses, may hold anything, blanks and parentheses too.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean ended = fields[STATE].equals("Z") || fields[STATE].equals("X");
            return ended ? Optional.empty() : Optional.of(new Incarnation(pid, Long.parseLong(fields[START_TIME])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Reads what {@link #toString} wrote; empty if that is something else. */
    static Optional<Incarnation> parse(String text) {
        String[] words = text.strip().split(" ");
        try {
            return words.length == 2
                    ? Optional.of(new Incarnation(Long.parseLong(words[0]), Long.parseLong(words[1])))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether this very process is still there. */
    boolean isAlive() {
        return running(pid).filter(this::equals).isPresent();
    }

    @Override
    public String toString() {
        return pid + " " + startTime;
    }
}
