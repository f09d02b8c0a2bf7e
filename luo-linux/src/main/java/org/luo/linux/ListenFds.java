// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The open files that a service manager hands to a process that it starts: fds from 3 up, described by environment
 * variables. Nothing is known of the files themselves but that they are open.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds(3)</a>
 */
public final class ListenFds {
    /** The first one. */
    public static final int FIRST = 3;

    private static final String UNNAMED = "unknown";
    private static final int MOST = 1 << 20;

    private ListenFds() {}

    /**
     * One open file.
     *
     * @param fd its fd, close-on-exec
     * @param name what the manager calls it, {@code unknown} if it gave no names; several may have the same
     */
    public record Named(int fd, String name) {}

    /**
     * What was handed to this process, in order. Asked again it says the same, so whoever asks must take only what is
     * meant for him, and only once.
     *
     * @param environment the variables LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES are looked at
     * @param pid of this process; what is meant for another one, such as its predecessor, is nothing
     * @throws LuoException EINVAL if the variables contradict themselves · EBADF if an fd is not open
     */
    public static List<Named> of(Map<String, String> environment, long pid) throws LuoException {
        String process = environment.get("LISTEN_PID");
        String count = environment.get("LISTEN_FDS");
        if (process == null || count == null || number("LISTEN_PID", process) != pid) {
            return List.of();
        }
        long fds = number("LISTEN_FDS", count);
        if (fds < 0 || fds > MOST) {
            throw LuoException.of(Errno.EINVAL, "LISTEN_FDS=" + fds + ": not that many can be handed in");
        }
        String[] names = names(environment.get("LISTEN_FDNAMES"), (int) fds);
        List<Named> all = new ArrayList<>(names.length);
        for (int i = 0; i < names.length; i++) {
            Fds.setCloexec(FIRST + i, true);
            all.add(new Named(FIRST + i, names[i]));
        }
        return List.copyOf(all);
    }

    private static String[] names(String given, int count) throws LuoException {
        String[] names = new String[count];
        if (given == null || count == 0) {
            Arrays.fill(names, UNNAMED);
            return names;
        }
        names = given.split(":", -1);
        if (names.length != count) {
            throw LuoException.of(
                    Errno.EINVAL,
                    "LISTEN_FDNAMES has " + Amount.of(names.length, "name") + " for " + count + " LISTEN_FDS");
        }
        return names;
    }

    private static long number(String variable, String text) throws LuoException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw LuoException.of(Errno.EINVAL, variable + " is no number", e);
        }
    }
}
