// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.luo.Errno;
import org.luo.HandlerVerdict;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Preserves one file, step by step in the kernel's order, and takes every step back in reverse if a later one fails.
 *
 * <p>Steps: reference to the file · handler, its slot and its pin · identity · FLBs in order, each with its pin · the
 * handler's preserve.
 */
final class Preserver {
    private static final Logger LOG = LoggerFactory.getLogger("luo.core");

    private final Core core;

    Preserver(Core core) {
        this.core = core;
    }

    /** The session's lock is held and the token free. */
    OutgoingFile preserve(SessionName session, int fd, Token token) throws LuoException {
        ClientCall call = Progress.mine().call();
        try (Undo undo = new Undo()) {
            int kept = core.fds().duplicate(fd);
            undo.add(() -> core.fds().close(kept));
            OutgoingFile file = new OutgoingFile(session, token, core, kept, handlerFor(kept, session + "/" + token));
            Slot<FileHandler> slot = file.slot;
            slot.use();
            undo.add(slot::release);
            undo.add(file.pins::drop);
            Registration<FileHandler> handler = file.pins.pin(slot);
            FileIdentity identity =
                    Callbacks.failing(slot, "identity", () -> handler.service().identity(kept));
            call.requireInTime();
            core.preserved().add(identity, file);
            undo.add(() -> core.preserved().remove(identity, file));
            file.identity = identity;
            file.flbs = flbs(handler, file, undo);
            PluginState state =
                    Callbacks.failing(slot, "preserve", () -> handler.service().preserve(kept));
            undo.add(() -> Callbacks.unfailing(
                    slot, "unpreserve", () -> handler.service().unpreserve(kept, state)));
            call.requireInTime();
            ForeignFds.refuse(core, file, state, kept);
            file.carried = Carried.of(state, core.fds());
            undo.keep();
            return file;
        }
    }

    /** The first one that takes it and is not drained. */
    private Slot<FileHandler> handlerFor(int fd, String file) throws LuoException {
        StringJoiner reasons = new StringJoiner("; ");
        Registration<FileHandler> drained = null;
        for (Slot<FileHandler> slot : core.handlers().slots()) {
            Registration<FileHandler> handler = slot.current();
            if (handler == null) {
                continue;
            }
            Verdict verdict = verdict(slot, handler, fd);
            if (verdict.ok() && !isDraining(handler)) {
                return slot;
            }
            if (verdict.ok()) {
                drained = handler;
                continue;
            }
            reasons.add(slot.compatible() + ": " + verdict.reason());
        }
        if (drained != null) {
            throw LuoException.of(Errno.EAGAIN, "preserve as " + file + ": " + drained + " takes no new files");
        }
        String why = reasons.length() == 0 ? "no handler is registered" : "no handler takes it (" + reasons + ")";
        throw LuoException.of(Errno.ENOENT, "preserve as " + file + ": " + why);
    }

    /** Whether somebody waits for the last file of its bundle. */
    private boolean isDraining(Registration<?> plugin) {
        return core.pins().isDraining(plugin.owner().bundle());
    }

    /** What every handler says of a file. */
    List<HandlerVerdict> check(int fd) throws LuoException {
        int kept = core.fds().duplicate(fd);
        try {
            List<HandlerVerdict> verdicts = new ArrayList<>();
            for (Slot<FileHandler> slot : core.handlers().slots()) {
                Registration<FileHandler> handler = slot.current();
                if (handler != null) {
                    Verdict verdict = isDraining(handler)
                            ? Verdict.no("takes no new files, since its bundle is to go")
                            : verdict(slot, handler, kept);
                    verdicts.add(new HandlerVerdict(
                            slot.compatible(), handler.owner().name(), verdict.ok(), verdict.reason()));
                }
            }
            return verdicts;
        } finally {
            core.fds().close(kept);
        }
    }

    /**
     * What a handler says of a file. One that cannot answer does not take it, and stands in no other's way.
     *
     * @throws LuoException ETIMEDOUT if it has not answered in time
     */
    private static Verdict verdict(Slot<FileHandler> slot, Registration<FileHandler> handler, int fd)
            throws LuoException {
        try {
            Verdict verdict = Callbacks.failing(
                    slot, "canPreserve", () -> handler.service().canPreserve(fd));
            Progress.mine().call().requireInTime();
            return verdict;
        } catch (LuoException e) {
            Progress.mine().call().requireInTime();
            LOG.warn("{}; asking the next handler", e.getMessage(), e);
            return Verdict.no(e.getMessage());
        }
    }

    /** The FLBs that the handler's files need, pinned and counted. */
    private List<OutgoingFlb> flbs(Registration<FileHandler> handler, OutgoingFile file, Undo undo)
            throws LuoException {
        List<OutgoingFlb> flbs = core.flbTable().outgoing(handler.flbs());
        for (OutgoingFlb flb : flbs) {
            file.pins.pin(flb.slot());
            flb.getFile();
            undo.add(flb::putFile);
            Progress.mine().call().requireInTime();
        }
        return flbs;
    }

    /** @throws LuoException EAGAIN if a plug-in that would have to be called is gone */
    static void requirePlugins(OutgoingFile file) throws LuoException {
        file.slot.require();
        file.requireIdle();
        for (OutgoingFlb flb : file.flbs) {
            flb.slot().require();
            flb.requireIdle();
        }
    }

    /** Lets a file go; the plug-ins are there. The session's lock is held. */
    void unpreserve(OutgoingFile file) {
        FileHandler handler = file.slot.latest().service();
        Callbacks.unfailing(file, "unpreserve", () -> handler.unpreserve(file.fd, file.carried.state()));
        file.flbs.reversed().forEach(OutgoingFlb::putFile);
        core.preserved().remove(file.identity, file);
        file.pins.drop();
        file.slot.release();
        core.close(file.fd);
    }
}
