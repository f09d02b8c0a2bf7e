// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.core.internal.image.Contents.StateRecord;
import org.luo.handover.FileName;
import org.luo.handover.Image;
import org.luo.handover.Passenger;
import org.luo.handover.Substitute;
import org.luo.spi.FileHandler;
import org.luo.spi.PluginState;
import org.luo.spi.Verdict;

/**
 * What is different if another kernel makes the files anew: not everything crosses, and what does is looked at once more. So
 * is what a crash has left, which nobody has frozen.
 *
 * <p>Only files do, by their handlers' word. An FLB or a subsystem crosses if it has no open files.
 */
final class KernelCrossing {
    private final Core core;

    /** Who reads the format of the file before: neighbours mostly have the same. */
    private Slot<FileHandler> reader;

    private Compatible format;

    KernelCrossing(Core core) {
        this.core = core;
    }

    /** Every file, with what its handler says. */
    List<Passenger> passengers(List<SessionRecord> sessions) {
        List<Passenger> passengers = new ArrayList<>();
        for (SessionRecord session : sessions) {
            session.files().forEach(file -> passengers.add(passenger(session.name(), file)));
        }
        return passengers;
    }

    private Passenger passenger(SessionName session, FileRecord file) {
        FileName name = new FileName(session, file.token());
        return new Passenger(name, file.compatible(), file.carried().files(), verdict(file));
    }

    private Slot<FileHandler> reader(Compatible of) {
        if (of != format || reader == null || reader.current() == null) {
            reader = core.handlers().reader(of);
            format = of;
        }
        return reader;
    }

    private Verdict verdict(FileRecord file) {
        Slot<FileHandler> slot = reader(file.compatible());
        if (slot == null) {
            return Verdict.no("its handler is gone");
        }
        try {
            FileHandler handler = slot.require().service();
            return Callbacks.failing(
                    slot,
                    "canCrossKernel",
                    () -> handler.canCrossKernel(file.carried().state()));
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    /**
     * What crosses of what is frozen. The gate is shut.
     *
     * @throws LuoException EOPNOTSUPP naming what can't and is not left behind
     */
    Contents of(Contents all, Map<FileName, Substitute> left) throws LuoException {
        List<String> stuck = new ArrayList<>();
        Set<Compatible> flbs = new HashSet<>();
        List<SessionRecord> sessions = new ArrayList<>(all.sessions().size());
        for (SessionRecord session : all.sessions()) {
            List<FileRecord> files = new ArrayList<>(session.files().size());
            for (FileRecord file : session.files()) {
                Substitute substitute = left.get(new FileName(session.name(), file.token()));
                if (substitute == null) {
                    flbs.addAll(flbs(file));
                    requireCrossing(session, file, stuck);
                }
                files.add(substitute == null ? file : instead(file, substitute));
            }
            sessions.add(new SessionRecord(session.name(), files));
        }
        List<FlbRecord> needed = all.flbs().stream()
                .filter(flb -> flbs.contains(flb.compatible()))
                .toList();
        requireNoFiles(needed, all.states(), stuck);
        if (!stuck.isEmpty()) {
            throw LuoException.of(Errno.EOPNOTSUPP, "live update: a kexec can't be crossed by " + Names.of(stuck));
        }
        return new Contents(all.number(), sessions, needed, core.doors().recordsForKernel(), all.states());
    }

    private void requireCrossing(SessionRecord session, FileRecord file, List<String> stuck) {
        Verdict verdict = verdict(file);
        if (!verdict.ok()) {
            stuck.add(session.name() + "/" + file.token() + " (" + verdict.reason() + ")");
        }
    }

    private static void requireNoFiles(List<FlbRecord> flbs, List<StateRecord> states, List<String> stuck) {
        flbs.stream()
                .filter(flb -> !flb.carried().files().isEmpty())
                .forEach(flb -> stuck.add("flb " + flb.compatible() + " (it has open files)"));
        states.stream()
                .filter(state -> !state.carried().files().isEmpty())
                .forEach(state -> stuck.add("subsystem " + state.name() + " (it has open files)"));
    }

    private static FileRecord instead(FileRecord file, Substitute substitute) {
        PluginState state = PluginState.of(substitute.data());
        return new FileRecord(substitute.compatible(), file.token(), new Carried(state, List.of()));
    }

    /** The names of the FLBs that a file needs. */
    private List<Compatible> flbs(FileRecord file) {
        Slot<FileHandler> slot = core.handlers().reader(file.compatible());
        Registration<FileHandler> handler = slot == null ? null : slot.current();
        return handler == null ? List.of() : handler.flbs();
    }

    /**
     * The same contents, but if files were made anew, or were not frozen, each as its handler takes it.
     *
     * @throws LuoException why one is not what was frozen · ENOENT if nothing reads it
     */
    Contents arrived(Image image, Contents contents) throws LuoException {
        if (!image.anew() && !image.crashed()) {
            return contents;
        }
        List<SessionRecord> sessions = new ArrayList<>(contents.sessions().size());
        for (SessionRecord session : contents.sessions()) {
            List<FileRecord> files = new ArrayList<>(session.files().size());
            for (FileRecord file : session.files()) {
                files.add(arrived(session, file, image.anew()));
            }
            sessions.add(new SessionRecord(session.name(), files));
        }
        return new Contents(contents.number(), sessions, contents.flbs(), contents.doors(), contents.states());
    }

    private FileRecord arrived(SessionRecord session, FileRecord file, boolean anew) throws LuoException {
        String name = session.name() + "/" + file.token();
        Slot<FileHandler> slot = core.handlers().reader(file.compatible());
        if (slot == null || file.carried().files().isEmpty()) {
            return file; // the one is told together with all others, the other is as it was
        }
        FileHandler handler = slot.require().service();
        PluginState came = file.carried().state();
        String callback = anew ? "crossedKernel" : "outlivedCrash";
        PluginState state = Callbacks.failing(
                name,
                callback,
                () -> anew
                        ? handler.crossedKernel(file.compatible(), came)
                        : handler.outlivedCrash(file.compatible(), came));
        if (!state.fds().equals(came.fds())) {
            throw LuoException.of(Errno.EIO, callback + " of " + name + " returned other fds than it was given");
        }
        return new FileRecord(file.compatible(), file.token(), file.carried().with(state, core.fds()));
    }
}
