// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.pin.LeavingException;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Verdict;

/**
 * Preserves one file, step by step in the kernel's order, and takes every step back in reverse if a later one fails.
 *
 * <p>Steps: reference to the file · handler and its slot · pins · identity · FLBs in order · the handler's preserve.
 */
final class Preserver {
    private final Core core;

    Preserver(Core core) {
        this.core = core;
    }

    /** The session's lock is held and the token free. */
    OutgoingFile preserve(SessionName session, int fd, Token token) throws LuoException {
        try (Undo undo = new Undo()) {
            int kept = core.fds().duplicate(fd);
            undo.add(() -> core.fds().close(kept));
            Slot<FileHandler> slot = handlerFor(kept, session + "/" + token);
            Registration<FileHandler> handler = slot.use();
            undo.add(slot::release);
            List<OutgoingFlb> flbs = core.flbTable().outgoing(handler.flbs());
            FileIdentity identity =
                    Callbacks.failing(slot, "identity", () -> handler.service().identity(kept));
            OutgoingFile file = new OutgoingFile(session, token, kept, slot, identity, flbs, pinned(handler, flbs));
            pin(file.pinned, file, undo);
            core.preserved().add(identity, file);
            undo.add(() -> core.preserved().remove(identity, file));
            for (OutgoingFlb flb : flbs) {
                flb.getFile();
                undo.add(flb::putFile);
            }
            PluginState state =
                    Callbacks.failing(slot, "preserve", () -> handler.service().preserve(kept));
            undo.add(() -> Callbacks.unfailing(
                    slot, "unpreserve", () -> handler.service().unpreserve(kept, state)));
            file.carried = Carried.of(state, core.fds());
            undo.keep();
            return file;
        }
    }

    private Slot<FileHandler> handlerFor(int fd, String file) throws LuoException {
        StringJoiner reasons = new StringJoiner("; ");
        for (Slot<FileHandler> slot : core.handlers().slots()) {
            Registration<FileHandler> handler = slot.current();
            if (handler == null) {
                continue;
            }
            Verdict verdict = Callbacks.failing(
                    slot, "canPreserve", () -> handler.service().canPreserve(fd));
            if (verdict.ok()) {
                return slot;
            }
            reasons.add(slot.compatible() + ": " + verdict.reason());
        }
        String why = reasons.length() == 0 ? "no handler is registered" : "no handler takes it (" + reasons + ")";
        throw LuoException.of(Errno.ENOENT, "preserve as " + file + ": " + why);
    }

    private void pin(List<Long> bundles, Object holder, Undo undo) throws LuoException {
        try {
            core.pins().pin(bundles, holder);
        } catch (LeavingException e) {
            throw LuoException.of(Errno.EAGAIN, "preserve as " + holder + ": " + e.getMessage(), e);
        }
        undo.add(() -> core.pins().unpin(bundles, holder));
    }

    /** The handler's bundle, the core's own and those of the FLBs. */
    private List<Long> pinned(Registration<FileHandler> handler, List<OutgoingFlb> flbs) {
        if (flbs.isEmpty()) {
            return core.pinnedFor(handler.owner());
        }
        List<Long> bundles = new ArrayList<>(core.pinnedFor(handler.owner()));
        flbs.stream()
                .map(flb -> flb.slot().current())
                .filter(Objects::nonNull)
                .forEach(flb -> bundles.add(flb.owner().bundle()));
        return bundles.stream().distinct().toList();
    }

    /** @throws LuoException EAGAIN if a plug-in that would have to be called is gone */
    static void requirePlugins(OutgoingFile file) throws LuoException {
        file.slot.require();
        for (OutgoingFlb flb : file.flbs) {
            flb.slot().require();
        }
    }

    /** Lets a file go; the plug-ins are there. The session's lock is held. */
    void unpreserve(OutgoingFile file) {
        Registration<FileHandler> handler = file.slot.current();
        if (handler != null) {
            Callbacks.unfailing(file, "unpreserve", () -> handler.service().unpreserve(file.fd, file.carried.state()));
        }
        file.flbs.reversed().forEach(OutgoingFlb::putFile);
        core.preserved().remove(file.identity, file);
        core.pins().unpin(file.pinned, file);
        file.slot.release();
        core.fds().close(file.fd);
    }
}
