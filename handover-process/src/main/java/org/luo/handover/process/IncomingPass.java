// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.process.Fault.Step;
import org.luo.linux.Fds;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;

/**
 * One pass from the successor's side: what has come so far, each part checked as it comes. Owns the fds until
 * {@link #give}.
 */
final class IncomingPass implements AutoCloseable {
    private final long epoch;
    private final int flags;
    private final Fault fault;
    private final long maxFds;
    private final ImageView view;
    private List<OpenFile> files;
    private int announced = -1;
    private boolean given;

    private IncomingPass(long epoch, int flags, Fault fault, long maxFds, ImageView view) {
        this.epoch = epoch;
        this.flags = flags;
        this.fault = isRehearsal() || isDraft() ? Fault.NONE : fault;
        this.maxFds = maxFds;
        this.view = view;
    }

    /**
     * Takes PREPARE: maps the image and makes room for the fds.
     *
     * @param last epoch of the pass before
     * @param fault not for rehearsals
     * @throws LuoException ESTALE if the epoch is not a later one · EMFILE if there is no room for as many fds · EBADMSG
     */
    static IncomingPass prepare(Wire wire, long last, Fault fault) throws LuoException {
        int flags = wire.body().getInt();
        int least = wire.body().getInt();
        int most = wire.body().getInt();
        long capacity = wire.body().getLong();
        if (wire.epoch() <= last) {
            throw LuoException.of(Errno.ESTALE, "PREPARE of epoch " + wire.epoch() + " after " + last);
        }
        int[] image = wire.takeFds();
        if (image.length != 1 || least < 0 || most < least) {
            close(image);
            throw wire.malformed(
                    "PREPARE with " + Amount.of(image.length, "image") + ", for " + least + " to " + most + " fds");
        }
        ImageView view = ImageView.of(image[0], capacity);
        try {
            return new IncomingPass(wire.epoch(), flags, fault, FdTable.makeRoom(least, most), view);
        } catch (LuoException e) {
            view.close();
            throw e;
        }
    }

    long epoch() {
        return epoch;
    }

    boolean isRehearsal() {
        return (flags & OutgoingPass.REHEARSAL) != 0;
    }

    /** Whether what comes is a draft. */
    boolean isDraft() {
        return (flags & OutgoingPass.DRAFT) != 0;
    }

    /** Whether the garbage shall be collected before the pass. */
    boolean collects() {
        return (flags & OutgoingPass.COLLECT) != 0;
    }

    int announced() {
        return announced;
    }

    /** Takes BEGIN. */
    void begin(Wire wire) throws LuoException {
        fault.at(Step.BEGIN);
        int count = wire.body().getInt();
        if (announced >= 0 || count < 0) {
            throw wire.malformed("BEGIN of " + Amount.of(count, "fd") + ", " + announced + " announced before");
        }
        if (count > maxFds) {
            throw LuoException.of(Errno.EMFILE, Amount.of(count, "fd") + " to come, there is room for " + maxFds);
        }
        announced = count;
        files = new ArrayList<>(count);
    }

    /** Takes BATCH: every fd must be the open file it is said to be. */
    void batch(Wire wire) throws LuoException {
        int[] fds = wire.takeFds();
        ByteBuffer body = wire.body();
        int first = body.getInt();
        int count = body.getInt();
        int before = announced < 0 ? 0 : files.size();
        if (announced < 0
                || first != before
                || count != fds.length
                || count > announced - before
                || body.remaining() != count * Kind.IDENTITY) {
            close(fds);
            throw wire.malformed("BATCH of " + Amount.of(fds.length, "fd") + ", " + count + " from " + first
                    + " on, after " + before + " of " + announced);
        }
        long salt = fault.at(Step.BATCH) ? 1 : 0;
        for (int fd : fds) {
            files.add(new OpenFile(fd, new FileIdentity(body.getLong(), body.getLong() + salt)));
        }
        check(before);
    }

    private void check(int from) throws LuoException {
        for (int i = from; i < files.size(); i++) {
            OpenFile file = files.get(i);
            Stat found = Stat.of(file.fd());
            if (found.inode() != file.identity().inode()
                    || found.device() != file.identity().device()) {
                throw LuoException.of(
                        Errno.EBADMSG,
                        "fd " + i + " is " + new FileIdentity(found.device(), found.inode()) + ", not "
                                + file.identity());
            }
        }
    }

    /** Takes IMAGE, the last message. */
    Image image(Wire wire) throws LuoException {
        long length = wire.body().getLong();
        if (announced < 0 || files.size() != announced) {
            throw wire.malformed(
                    "IMAGE after " + (files == null ? 0 : files.size()) + " of " + Amount.of(announced, "fd"));
        }
        // An unmodifiable list, since such ones are what the orchestrator makes and rehearses with.
        Image image = new Image(view.bytes(length), List.copyOf(files));
        return fault.at(Step.IMAGE) ? Fault.corrupt(image) : image;
    }

    /** The fds belong to somebody else now. */
    void give() {
        given = true;
    }

    /** Closes the image, which nobody may use any more, and the fds unless they were given away. */
    @Override
    public void close() {
        view.close();
        if (!given && files != null) {
            files.forEach(file -> Fds.close(file.fd()));
        }
    }

    private static void close(int[] fds) {
        for (int fd : fds) {
            Fds.close(fd);
        }
    }
}
