// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.luo.LuoException;
import org.luo.linux.Datagrams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A second hold on the kernel session that has come, by the service manager. With its last fd the kernel ends a session and
 * frees what is in it, so without this it would end with this process. Whoever the manager starts next is handed it in, by the
 * name that {@link HandedIn} looks for.
 *
 * <p>Of no effect without a manager that keeps files. Best effort: what the manager does not hear is logged.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3), FDSTORE=1</a>
 */
final class Deposit {
    private static final Logger LOG = LoggerFactory.getLogger("luo.kernel");
    private static final long PATIENCE_MILLIS = 5000;
    private static final String NAME = "FDNAME=" + HandedIn.NAME;

    private final Optional<String> address;

    /** @param environment {@code NOTIFY_SOCKET}, and {@code FDSTORE} or {@code LUO_FDSTORE}, which say whether files are kept */
    Deposit(Map<String, String> environment) {
        boolean keeps = !environment
                .getOrDefault("FDSTORE", environment.getOrDefault("LUO_FDSTORE", "0"))
                .equals("0");
        this.address = Optional.ofNullable(environment.get("NOTIFY_SOCKET"))
                .filter(name -> keeps && name.length() > 1 && (name.startsWith("/") || name.startsWith("@")));
    }

    /** Has it hold the session too; it is the same for it if it does already. Undo: {@link #remove}. */
    void put(int session) {
        tell("FDSTORE=1\nFDPOLL=0\n" + NAME, session);
    }

    /** Has it let go, so that a finished session is handed in to nobody. */
    void remove() {
        tell("FDSTOREREMOVE=1\n" + NAME);
    }

    private void tell(String lines, int... fds) {
        if (address.isEmpty()) {
            return;
        }
        try (Datagrams socket = connect(address.get())) {
            socket.setSendTimeout(PATIENCE_MILLIS);
            socket.send(lines.getBytes(StandardCharsets.UTF_8), fds);
        } catch (LuoException e) {
            LOG.warn("the service manager does not hear {}: {}", lines.replace('\n', ' '), e.getMessage());
        }
    }

    private static Datagrams connect(String address) throws LuoException {
        return address.startsWith("@") ? Datagrams.toAbstract(address.substring(1)) : Datagrams.to(Path.of(address));
    }
}
