// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/**
 * Moves every file of one handler to another that reads its state: a live update in small. The gate is shut.
 *
 * <p>Happy path: new bundle pinned · file by file: frozen by the old handler, retrieved by the new one, found to be the
 * same file, finished and preserved by it · the handlers change places · all files let go by the old handler, latest
 * first. Unhappy: whatever fails before the handlers change places is taken back, latest first, and the files are the
 * old handler's as before. What follows can't fail.
 *
 * <p>Of an orphan nobody is there to freeze it or to let it go; its latest state is what is retrieved.
 */
final class Adoption {
    private final Core core;
    private final Slot<FileHandler> from;
    private final Registration<FileHandler> old;
    private final Registration<FileHandler> by;
    private final boolean orphaned;
    private final Holders files;
    private final List<Moved> moved = new ArrayList<>();

    /** A file that the old handler has frozen, with the state that it froze. */
    private record Moved(OutgoingFile file, PluginState state) {}

    Adoption(Core core, Slot<FileHandler> from, Registration<FileHandler> by) {
        this.core = core;
        this.from = from;
        this.orphaned = from.current() == null;
        this.old = from.latest();
        this.by = by;
        this.files = new Holders(core, from);
    }

    /** All or none; how many files it were. */
    int run() throws LuoException {
        requireSuccession();
        requireReadable();
        Map<OutgoingFile, Carried> states = new IdentityHashMap<>();
        try (Undo undo = new Undo()) {
            pin(undo);
            for (OutgoingFile file : files.outgoing()) {
                states.put(file, preserve(file, undo));
                moved.add(new Moved(file, file.carried.state()));
            }
            Slot<FileHandler> to = core.handlers().replace(from, orphaned ? null : old, by);
            undo.keep();
            hand(to, states);
        }
        if (!orphaned) {
            moved.reversed().forEach(this::letGo);
        }
        return files.size();
    }

    /** One handler can follow on the other. */
    private void requireSuccession() throws LuoException {
        String what = "adopt the files of " + old + " by " + by + ": ";
        if (by.compatible().equals(from.compatible()) && !by.owner().isVersionOf(old.owner())) {
            throw LuoException.of(Errno.EEXIST, what + "the same string from a bundle of another name");
        }
        if (!by.canRead(from.compatible())) {
            throw LuoException.of(Errno.ENOENT, what + "it does not read " + from.compatible());
        }
        if (!by.flbs().equals(old.flbs())) {
            throw LuoException.of(Errno.EOPNOTSUPP, what + "it needs other FLBs, and those can't be adopted yet");
        }
        if (by.hasDependencies() || old.hasDependencies() || !FileOrder.of(core).isNone()) {
            throw LuoException.of(Errno.EOPNOTSUPP, what + "files that depend on others can't be adopted yet");
        }
    }

    /** What came over and is not finished goes on as it came, if it can. */
    private void requireReadable() throws LuoException {
        for (IncomingFile file : files.incoming()) {
            Compatible format = file.record.compatible();
            if (!by.canRead(format)) {
                throw LuoException.of(Errno.ENOENT, "adopt " + file + " by " + by + ": it does not read " + format);
            }
            if (!orphaned && file.phase() == FileInfo.Phase.RETRIEVED) {
                throw LuoException.of(
                        Errno.EBUSY, "adopt " + file + " by " + by + ": it is retrieved and not finished");
            }
        }
    }

    private void pin(Undo undo) throws LuoException {
        for (Pins pins : files.pins()) {
            Set<Long> before = pins.bundles();
            undo.add(() -> pins.keepOnly(before));
        }
        Pins.pinAll(by, core, files.pins());
        Slot<FileHandler> to = core.handlers().slot(by.compatible());
        if (to == null) {
            throw LuoException.of(Errno.EAGAIN, by + " has left just now");
        }
        for (int i = 0; i < files.size() && to != from; i++) {
            to.use();
            undo.add(to::release);
        }
    }

    private Carried preserve(OutgoingFile file, Undo undo) throws LuoException {
        if (!orphaned) {
            file.freeze(core.fds());
            undo.add(file::unfreeze);
        }
        bringBack(file);
        FileHandler handler = by.service();
        PluginState state = Callbacks.failing(file, "preserve", () -> handler.preserve(file.fd));
        undo.add(() -> Callbacks.unfailing(file, "unpreserve", () -> handler.unpreserve(file.fd, state)));
        return Carried.of(state, core.fds());
    }

    /** Through the life of a file that came over, from retrieve to finish. */
    private void bringBack(OutgoingFile file) throws LuoException {
        FileHandler handler = by.service();
        PluginState state = file.carried.state();
        int fd = Callbacks.failing(file, "retrieve", () -> handler.retrieve(from.compatible(), state));
        if (fd < 0) {
            throw LuoException.of(Errno.EIO, "retrieve of " + file + " returned fd " + fd);
        }
        try {
            requireSame(file, state, fd);
        } finally {
            Callbacks.unfailing(file, "finish", () -> handler.finish(state, Retrieval.of(fd)));
            if (fd != file.fd && !state.fds().contains(fd)) {
                core.fds().close(fd);
            }
        }
    }

    /** Clients have the file open: a copy of it would be another one. */
    private void requireSame(OutgoingFile file, PluginState state, int fd) throws LuoException {
        FileHandler handler = by.service();
        FileIdentity found = Callbacks.failing(file, "identity", () -> handler.identity(fd));
        if (!found.equals(file.identity)) {
            throw LuoException.of(
                    Errno.EOPNOTSUPP,
                    "adopt " + file + " by " + by + ": retrieved " + found + ", which is not " + file.identity);
        }
        Verdict verdict = Callbacks.failing(file, "canFinish", () -> handler.canFinish(state, Retrieval.of(fd)));
        if (!verdict.ok()) {
            throw LuoException.of(Errno.EBUSY, "adopt " + file + " by " + by + ": " + verdict.reason());
        }
    }

    /** The files are the new handler's. */
    private void hand(Slot<FileHandler> to, Map<OutgoingFile, Carried> states) {
        core.sessions().outgoing().forEach(session -> session.adopt(to, states));
        core.sessions().incoming().forEach(session -> session.adopt(to, from));
        for (int i = 0; i < files.size() && to != from; i++) {
            from.release();
        }
        files.keepOnly(by.owner());
        to.settled();
    }

    private void letGo(Moved each) {
        FileHandler handler = old.service();
        int fd = each.file.fd;
        Callbacks.unfailing(each.file, "unfreeze", () -> handler.unfreeze(fd, each.state));
        Callbacks.unfailing(each.file, "unpreserve", () -> handler.unpreserve(fd, each.state));
    }
}
