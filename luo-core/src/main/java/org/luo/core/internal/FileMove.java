// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.List;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/**
 * One preserved file on its way from a handler to the one that follows: freeze · take · hand · let go. The gate is shut.
 *
 * <p>Of an orphan nobody is there to freeze it or to let it go; its latest state is what is retrieved.
 */
final class FileMove {
    private final Core core;
    private final OutgoingFile file;
    private final Succession<FileHandler> handlers;
    private final List<OutgoingFlb> before;
    private final List<OutgoingFlb> after;
    private PluginState frozen;
    private Carried taken;

    /** @param after the FLBs that it needs from then on */
    FileMove(Core core, OutgoingFile file, Succession<FileHandler> handlers, List<OutgoingFlb> after) {
        this.core = core;
        this.file = file;
        this.handlers = handlers;
        this.before = file.flbs;
        this.after = after;
    }

    OutgoingFile file() {
        return file;
    }

    void freeze(Undo undo) throws LuoException {
        file.requireIdle();
        if (!handlers.orphaned()) {
            file.freeze(core.fds());
            undo.add(file::unfreeze);
        }
    }

    /** The new handler preserves it, from what the old one froze. */
    void take(Undo undo) throws LuoException {
        frozen = file.carried.state();
        bringBack();
        for (OutgoingFlb flb : after) {
            if (!before.contains(flb) && !flb.isStaged()) {
                flb.getFile();
                undo.add(flb::putFile);
            }
        }
        FileHandler handler = handlers.by().service();
        PluginState state = Callbacks.failing(
                file, "preserve", () -> handler.preserve(file.fd), late -> handler.unpreserve(file.fd, late));
        undo.add(() -> Callbacks.unfailing(file, "unpreserve", () -> handler.unpreserve(file.fd, state)));
        ForeignFds.refuse(core, file, state, file.fd);
        taken = Carried.of(state, core.fds());
    }

    /** Through the life of a file that came over, from retrieve to finish. */
    private void bringBack() throws LuoException {
        FileHandler handler = handlers.by().service();
        int fd = Callbacks.failing(
                file, "retrieve", () -> handler.retrieve(handlers.from().compatible(), frozen), this::closeLate);
        if (fd < 0) {
            throw LuoException.of(Errno.EIO, "retrieve of " + file + " returned fd " + fd);
        }
        boolean lent = fd == file.fd || frozen.fds().contains(fd);
        if (!lent) {
            ForeignFds.refuseRetrieved(core, file, fd);
        }
        try {
            requireSame(fd);
        } finally {
            finish(fd, lent);
        }
    }

    private void finish(int fd, boolean lent) {
        try {
            Callbacks.unfailing(file, "finish", () -> handlers.by().service().finish(frozen, Retrieval.of(fd)));
        } finally {
            if (!lent) {
                core.fds().close(fd);
            }
        }
    }

    /** A new fd of a retrieve that nobody has waited for; what was lent stays. */
    private void closeLate(int fd) throws LuoException {
        handlers.by().service().finish(frozen, Retrieval.of(fd));
        if (fd != file.fd && !frozen.fds().contains(fd)) {
            ForeignFds.refuseRetrieved(core, file, fd);
            core.fds().close(fd);
        }
    }

    /** Clients have the file open: a copy of it would be another one. */
    private void requireSame(int fd) throws LuoException {
        FileHandler handler = handlers.by().service();
        String what = "adopt " + file + " by " + handlers.by() + ": ";
        FileIdentity found = Callbacks.failing(file, "identity", () -> handler.identity(fd));
        if (!found.equals(file.identity)) {
            throw LuoException.of(Errno.EOPNOTSUPP, what + "retrieved " + found + ", which is not " + file.identity);
        }
        Verdict verdict = Callbacks.failing(file, "canFinish", () -> handler.canFinish(frozen, Retrieval.of(fd)));
        if (!verdict.ok()) {
            throw LuoException.of(Errno.EBUSY, what + verdict.reason());
        }
    }

    /** It is the new handler's. */
    void hand() {
        file.adopted(handlers.to(), taken, after);
    }

    /** The old handler lets it go, then the FLBs that only that one needs. */
    void letGo() {
        if (!handlers.orphaned()) {
            FileHandler handler = handlers.old().service();
            Callbacks.unfailing(file, "unfreeze", () -> handler.unfreeze(file.fd, frozen));
            Callbacks.unfailing(file, "unpreserve", () -> handler.unpreserve(file.fd, frozen));
        }
        before.reversed().stream().filter(flb -> !after.contains(flb)).forEach(OutgoingFlb::putFile);
    }
}
