// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.handover.Draft;
import org.luo.handover.FileName;
import org.luo.handover.Frozen;
import org.luo.handover.Handover;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.IncomingSide;
import org.luo.handover.OutgoingSide;
import org.luo.handover.Substitute;
import org.luo.spi.FileDescriptors;

/**
 * A handover to a successor in the same process: the image is copied, every fd passed as a new number.
 *
 * <p>Happy path: preflight · freeze · copy · {@code beforeDeserialize} · identities compared · deserialize ·
 * {@code afterDeserialize} · relinquish · the successor serves. If anything fails before relinquishing, the fds passed
 * are closed again, as if the successor had died, and everything is unfrozen.
 *
 * <p>Hooks damage what crosses, or fail at a given point. Set them before the update.
 */
public final class InMemoryHandover implements Handover {
    /** A hook. */
    @FunctionalInterface
    public interface Hook {
        /** @throws LuoException to fail at this point */
        void run() throws LuoException;
    }

    private final FileDescriptors fds;
    private final IncomingSide successor;
    private UnaryOperator<byte[]> damage = bytes -> bytes;
    private UnaryOperator<List<OpenFile>> rearrange = files -> files;
    private Hook beforeDeserialize = () -> {};
    private Hook afterDeserialize = () -> {};
    private boolean preflight = true;
    private boolean forgetful;
    private Hook afterDraft;
    private boolean ignoring;
    private InMemoryFileDescriptors made;
    private Map<FileName, Substitute> leaving;
    private final List<Integer> drafted = new ArrayList<>();

    /**
     * A handover that behaves.
     *
     * @param fds both sides' files
     * @param successor an orchestrator that stands by
     */
    public InMemoryHandover(FileDescriptors fds, IncomingSide successor) {
        this.fds = fds;
        this.successor = successor;
    }

    /** Changes the image's bytes on their way, not the draft's. */
    public InMemoryHandover damaging(UnaryOperator<byte[]> image) {
        damage = image;
        return this;
    }

    /** Drops, adds or reorders the image's files on their way, not the draft's. */
    public InMemoryHandover rearranging(UnaryOperator<List<OpenFile>> files) {
        rearrange = files;
        return this;
    }

    /** Runs while everything is frozen and the successor knows nothing yet. */
    public InMemoryHandover beforeDeserialize(Hook hook) {
        beforeDeserialize = hook;
        return this;
    }

    /** Runs while everything is frozen and the successor has built everything. */
    public InMemoryHandover afterDeserialize(Hook hook) {
        afterDeserialize = hook;
        return this;
    }

    /** Does not ask the successor beforehand what it reads. */
    public InMemoryHandover withoutPreflight() {
        preflight = false;
        return this;
    }

    /** Leaves everything frozen when it fails, which it must not. */
    public InMemoryHandover forgettingToUnfreeze() {
        forgetful = true;
        return this;
    }

    /** Passes a draft first, then runs the hook, and freezes against the draft. */
    public InMemoryHandover drafting(Hook hook) {
        afterDraft = hook;
        return this;
    }

    /** Freezes everything all the same, as if there had been no draft. */
    public InMemoryHandover ignoringTheDraft() {
        ignoring = true;
        return this;
    }

    /**
     * As over a kexec: the files are made anew, under the names of the old ones.
     *
     * @param files where they are made, both sides' as well
     * @param left what is left behind
     */
    public InMemoryHandover anew(InMemoryFileDescriptors files, Map<FileName, Substitute> left) {
        made = files;
        leaving = left;
        return this;
    }

    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public UpdateReport handOver(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
        if (!options.isEmpty()) {
            throw LuoException.of(Errno.EINVAL, "handover memory takes no options, not " + options.keySet());
        }
        if (preflight) {
            refuseUnreadable(outgoing);
        }
        long start = System.nanoTime();
        Frozen frozen = freeze(outgoing);
        boolean passed = false;
        try {
            pass(frozen.image(), this::deserialize);
            passed = true;
        } finally {
            if (!passed) {
                drafted.forEach(fds::close);
                drafted.clear();
            }
            if (!passed && !forgetful) {
                frozen.unfreeze();
            }
        }
        frozen.fence();
        frozen.relinquish("the successor in memory");
        successor.serve();
        successor.publish();
        return report(outgoing, frozen, System.nanoTime() - start);
    }

    /** Asks the successor what it reads. */
    @Override
    public void check(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
        refuseUnreadable(outgoing);
    }

    private void refuseUnreadable(OutgoingSide outgoing) throws LuoException {
        Map<Compatible, List<String>> needs = new TreeMap<>(outgoing.needs());
        needs.keySet().removeAll(successor.readable());
        if (!needs.isEmpty()) {
            throw LuoException.of(Errno.ENOENT, "the successor does not read " + needs);
        }
    }

    private Frozen freeze(OutgoingSide outgoing) throws LuoException {
        if (leaving != null) {
            return outgoing.freezeForKernel(leaving);
        }
        if (afterDraft == null) {
            return outgoing.freeze();
        }
        Draft draft = outgoing.draft();
        try (draft) {
            pass(draft.image(), this::anticipate);
        }
        afterDraft.run();
        return ignoring ? outgoing.freeze() : outgoing.freeze(draft);
    }

    private void anticipate(Image copy) throws LuoException {
        successor.anticipate(copy);
        copy.files().forEach(file -> drafted.add(file.fd()));
    }

    private void deserialize(Image copy) throws LuoException {
        beforeDeserialize.run();
        List<OpenFile> received = rearrange.apply(copy.files());
        compare(copy.files(), received);
        byte[] bytes = damage.apply(copy.bytes().array());
        successor.deserialize(
                new Image(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), received, leaving != null));
        afterDeserialize.run();
    }

    /** What the successor does with what came. */
    private interface Taking {
        void take(Image copy) throws LuoException;
    }

    private void pass(Image image, Taking taking) throws LuoException {
        List<Integer> passed = new ArrayList<>();
        boolean taken = false;
        try {
            List<OpenFile> files = duplicate(image.files(), passed);
            if (leaving == null) {
                compare(image.files(), files);
            }
            byte[] bytes = new byte[image.bytes().limit()];
            image.bytes().get(0, bytes);
            taking.take(new Image(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), files));
            taken = true;
        } finally {
            if (!taken) {
                passed.forEach(fds::close);
            }
        }
    }

    private List<OpenFile> duplicate(List<OpenFile> files, List<Integer> passed) throws LuoException {
        List<OpenFile> duplicates = new ArrayList<>(files.size());
        for (OpenFile file : files) {
            int fd = leaving == null ? fds.duplicate(file.fd()) : made.open(made.name(file.fd()));
            passed.add(fd);
            duplicates.add(new OpenFile(fd, fds.identity(fd)));
        }
        return duplicates;
    }

    /** What is common to both must be the same; that some are missing is for the successor to find. */
    private static void compare(List<OpenFile> sent, List<OpenFile> received) throws LuoException {
        for (int i = 0; i < Math.min(sent.size(), received.size()); i++) {
            if (!sent.get(i).identity().equals(received.get(i).identity())) {
                throw LuoException.of(Errno.EBADMSG, "fd " + i + " of the image is another file than was sent");
            }
        }
    }

    private UpdateReport report(OutgoingSide outgoing, Frozen frozen, long nanos) {
        long pid = ProcessHandle.current().pid();
        return new UpdateReport(
                kind(),
                outgoing.liveUpdates() + 1,
                pid,
                pid,
                frozen.sessions(),
                frozen.files(),
                frozen.image().bytes().limit(),
                nanos,
                List.of(new UpdateReport.Phase("blackout", nanos, true)));
    }
}
