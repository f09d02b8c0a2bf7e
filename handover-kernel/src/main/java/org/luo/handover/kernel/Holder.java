// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.file.Path;
import java.util.List;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Spawn;
import org.luo.linux.UnixSocket;

/**
 * A process that has a kernel session open, and does nothing else until the kexec.
 *
 * <p>It outlives a shutdown: its name begins with an @, so the service manager leaves it alone when it ends all others; it
 * has no child, for which the manager would wait, and no output, which would end it when nobody reads that any more. It waits
 * for a line from a socket whose other end it has itself.
 */
final class Holder {
    private static final String NAME = "@luo-kexec";
    private static final Path SHELL = Path.of("/bin/sh");
    private static final Path NULL = Path.of("/dev/null");
    private static final String HOLD = "trap '' HUP INT TERM; while :; do read -r _; done";

    private Holder() {}

    /**
     * Starts one.
     *
     * @param session the fd, which stays the caller's; the process has it as fd 3
     * @return its pid
     * @throws LuoException what starting it failed with; nothing is left behind then
     */
    static long start(int session) throws LuoException {
        int output = FileIo.open(NULL, FileIo.O_WRONLY, 0);
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            int[] fds = {pair.one().fd(), output, output, session, pair.other().fd()};
            return Spawn.start(SHELL, List.of(NAME, "-c", HOLD), List.of(), fds);
        } catch (LuoException e) {
            throw LuoException.of(
                    e.errno(), "kexec: no process could be started to hold the kernel session: " + e.getMessage(), e);
        } finally {
            Fds.close(output);
        }
    }
}
