// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.linux.UnixSocket;
import org.luo.spi.FileIdentity;

/**
 * One pass from the predecessor's side: prepare, pass, answer, commit. Rehearsed and real ones run the same code.
 *
 * <p>Batches go out without waiting for the successor, which checks one while the next is on its way; the image is
 * written while it checks the last ones. The kernel holds back a sender that is too fast.
 */
final class OutgoingPass implements AutoCloseable {
    /** The successor shall not become the owner. */
    static final int REHEARSAL = 1;

    /** The successor shall collect garbage, so that it need not during the next passes. */
    static final int COLLECT = 2;

    /** What passes is a draft: the successor takes it, but does not become the owner. */
    static final int DRAFT = 4;

    /**
     * What is expected to pass. It may be more: that is slower, not wrong.
     *
     * @param leastFds without room for as many fds there is no use in trying
     * @param mostFds room to make
     * @param capacity of the image's file in bytes
     */
    record Load(int leastFds, int mostFds, long capacity) {}

    /**
     * What the successor says when it has everything.
     *
     * @param receiveNanos from BEGIN until the last fd was checked
     * @param deserializeNanos in which the orchestrator read the image
     */
    record Ready(long receiveNanos, long deserializeNanos) {}

    private final Wire wire;
    private final Duration patience;
    private final long epoch;
    private final ImageFile imageFile;
    private final int[] fds = new int[UnixSocket.MAX_FDS];
    private int passed;

    private OutgoingPass(Wire wire, Duration patience, long epoch, ImageFile imageFile) {
        this.wire = wire;
        this.patience = patience;
        this.epoch = epoch;
        this.imageFile = imageFile;
    }

    /**
     * Makes the image's file and asks the successor to prepare, which may go on meanwhile; see {@link #awaitPrepared}.
     *
     * @param flags {@link #REHEARSAL}, {@link #COLLECT}, {@link #DRAFT}
     */
    static OutgoingPass prepare(Wire wire, Duration patience, long epoch, int flags, Load load) throws LuoException {
        OutgoingPass pass = new OutgoingPass(wire, patience, epoch, ImageFile.create(load.capacity()));
        try {
            wire.compose(Kind.PREPARE, epoch)
                    .putInt(flags)
                    .putInt(load.leastFds())
                    .putInt(load.mostFds())
                    .putLong(load.capacity());
            wire.send(new int[] {pass.imageFile.readOnlyFd()}, 0, 1);
            return pass;
        } catch (LuoException e) {
            pass.close();
            throw e;
        }
    }

    void awaitPrepared() throws LuoException {
        Answers.expect(wire, Kind.PREPARED, epoch, patience);
    }

    /** Tells the successor that the freeze is about to begin, so that it is awake when that ends. */
    void freezing() throws LuoException {
        wire.compose(Kind.FREEZING, epoch);
        wire.send();
    }

    /** Passes files and image. */
    void pass(Image image) throws LuoException {
        passed = image.files().size();
        wire.compose(Kind.BEGIN, epoch).putInt(passed);
        wire.send();
        // An array: lists of two files and of three are of different classes, and compiled code minds.
        OpenFile[] files = image.files().toArray(OpenFile[]::new);
        for (int from = 0; from < passed; from += UnixSocket.MAX_FDS) {
            batch(files, from, Math.min(UnixSocket.MAX_FDS, passed - from));
        }
        imageFile.write(image.bytes());
        wire.compose(Kind.IMAGE, epoch).putLong(image.bytes().remaining());
        wire.send();
    }

    private void batch(OpenFile[] files, int from, int count) throws LuoException {
        ByteBuffer out = wire.compose(Kind.BATCH, epoch).putInt(from).putInt(count);
        for (int i = 0; i < count; i++) {
            OpenFile file = files[from + i];
            FileIdentity identity = file.identity();
            fds[i] = file.fd();
            out.putLong(identity.device()).putLong(identity.inode());
        }
        wire.send(fds, 0, count);
    }

    /** Waits until the successor has checked and deserialized everything. */
    Ready awaitReady() throws LuoException {
        wire.watchful().awaitAnswer();
        Answers.expect(wire, Kind.READY, epoch, patience);
        int taken = wire.body().getInt();
        if (taken != passed) {
            throw LuoException.of(
                    Errno.EPROTO,
                    wire.peer() + " is ready with " + Amount.of(taken, "fd") + ", " + passed + " were passed");
        }
        return new Ready(wire.body().getLong(), wire.body().getLong());
    }

    /** Ends the pass. If it is the real one the successor is the owner; from the call on, it may be until it is dead. */
    void commit() throws LuoException {
        wire.compose(Kind.COMMIT, epoch);
        wire.send();
        wire.watchful().awaitAnswer();
        Answers.expect(wire, Kind.CONFIRM, epoch, patience);
        wire.watchful().rest();
    }

    void awaitHealthy(Duration grace) throws LuoException {
        Answers.expect(wire, Kind.HEALTHY, epoch, grace);
    }

    @Override
    public void close() {
        imageFile.close();
    }
}
