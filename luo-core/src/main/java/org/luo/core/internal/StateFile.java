// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.luo.LiveUpdateState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files {@code state} and {@code live_update_count} in the run directory, for whoever wants to watch: each is replaced
 * whole at every change. Only the process that owns the sessions writes them.
 *
 * <p>The file for FROZEN is written ahead, when everything is prepared, and renamed by {@link #settle}, while the successor
 * is busy with what has been passed, and before it may write its first one. What cannot be written is said and changes
 * nothing.
 */
final class StateFile {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");
    private static final String STATE = "state";
    private static final String COUNT = "live_update_count";

    private final Path state;
    private final Path count;
    private final Path frozen;
    private volatile boolean late;
    private volatile boolean serving;

    /** @param dir the run directory */
    StateFile(Path dir) {
        this.state = dir.resolve(STATE);
        this.count = dir.resolve(COUNT);
        this.frozen = dir.resolve("." + STATE + ".frozen");
    }

    /** This process owns the sessions now. */
    void serving(LiveUpdateState now, long liveUpdates) {
        serving = true;
        write(count, Long.toString(liveUpdates));
        write(state, now.toString());
    }

    void moved(LiveUpdateState to) {
        if (!serving) {
            return;
        }
        if (to == LiveUpdateState.FROZEN) {
            late = true;
            return;
        }
        settle();
        write(state, to.toString());
        if (to == LiveUpdateState.PREPARED) {
            writeNew(frozen, LiveUpdateState.FROZEN.toString());
        }
    }

    /** Makes the file say FROZEN, if it should and does not yet. */
    void settle() {
        if (late) {
            late = false;
            if (!replace(frozen, state)) {
                write(state, LiveUpdateState.FROZEN.toString());
            }
        }
    }

    /** Replaces a file that nobody looks at, as a freeze does with the state. */
    void rehearse() {
        Path written = state.resolveSibling("." + STATE + ".rehearsal");
        Path replaced = state.resolveSibling("." + STATE + ".rehearsed");
        if (serving && writeNew(written, LiveUpdateState.FROZEN.toString()) && replace(written, replaced)) {
            delete(replaced);
        }
    }

    /** The successor owns the sessions, and the files. */
    void relinquished() {
        serving = false;
    }

    /** This process ends; if the files are its own, nobody owns sessions any more. */
    void remove() {
        if (!serving) {
            return;
        }
        serving = false;
        for (Path file : new Path[] {state, count, frozen}) {
            delete(file);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} stays behind: {}", file, e.toString());
        }
    }

    private void write(Path file, String line) {
        Path unready = file.resolveSibling("." + file.getFileName() + ".new");
        if (writeNew(unready, line) && !replace(unready, file)) {
            LOG.warn("{} still says what it said, not '{}'", file, line);
        }
    }

    private static boolean writeNew(Path file, String line) {
        try {
            Files.writeString(file, line + "\n");
            return true;
        } catch (IOException e) {
            LOG.warn("cannot write {}, going on without: {}", file, e.toString());
            return false;
        }
    }

    private static boolean replace(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
