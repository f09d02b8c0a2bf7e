// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.Map;
import java.util.Optional;
import org.luo.LuoException;
import org.luo.linux.ServiceManager;
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
    private static final String NAME = "FDNAME=" + HandedIn.NAME;

    private final Optional<ServiceManager> manager;

    /** @param environment what {@link ServiceManager} reads */
    Deposit(Map<String, String> environment) {
        this.manager = ServiceManager.of(environment).filter(any -> keepsFiles(environment));
    }

    private static boolean keepsFiles(Map<String, String> environment) {
        try {
            return ServiceManager.keeps(environment) > 0;
        } catch (LuoException e) {
            return false; // as the fd store sees it, and says
        }
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
        if (manager.isEmpty()) {
            return;
        }
        try {
            manager.get().tell(lines, fds);
        } catch (LuoException e) {
            LOG.warn("the service manager does not hear {}: {}", lines.replace('\n', ' '), e.getMessage());
        }
    }
}
