// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.luo.LuoException;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.OutgoingSide;
import org.luo.handover.Phases;
import org.luo.handover.process.OutgoingPass.Load;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.UnixSocket;
import org.luo.spi.FileIdentity;

/**
 * Rehearses the pass until both JVMs have compiled it: the same messages, checks and system calls as later, with a
 * scratch image and one scratch file that is passed many times over.
 */
final class Rehearsal implements AutoCloseable {
    private static final int FDS = 8 * UnixSocket.MAX_FDS;
    private static final int LEAST_ROUNDS = 16;
    private static final int MOST_ROUNDS = 200;
    private static final int LAST_ROUNDS = 4;
    private static final int MOST_BYTES = 1 << 20;

    private final Wire wire;
    private final Options options;
    private final OutgoingSide outgoing;
    private final int scratch;
    private final ScratchFrozen frozen;
    private final Load load;
    private long epoch;

    /** Repeats a rehearsal of the orchestrator's: some of what it runs is compiled only after many rounds. */
    static void repeat(Runnable rehearsal, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        do {
            rehearsal.run();
        } while (System.nanoTime() < end);
    }

    private Rehearsal(Wire wire, Options options, OutgoingSide outgoing, int scratch, Image image, long epoch) {
        this.wire = wire;
        this.options = options;
        this.outgoing = outgoing;
        this.scratch = scratch;
        this.frozen = new ScratchFrozen(image);
        this.load = new Load(
                image.files().size(), image.files().size(), image.bytes().remaining());
        this.epoch = epoch;
    }

    /**
     * Makes ready to rehearse with a scratch file.
     *
     * @param first the first epoch; each step has the next one
     * @param hello what the successor can take
     * @param capacity of the image that is to come
     */
    static Rehearsal of(Wire wire, Options options, OutgoingSide outgoing, long first, Hello hello, long capacity)
            throws LuoException {
        int scratch = Memfd.create("luo-rehearsal", 0);
        try {
            int fds = Math.clamp(hello.fdLimit() / 4, 1, FDS);
            int bytes = (int) Math.min(capacity, MOST_BYTES);
            return new Rehearsal(wire, options, outgoing, scratch, image(scratch, fds, bytes), first);
        } catch (LuoException e) {
            Fds.close(scratch);
            throw e;
        }
    }

    /** Runs rounds and the orchestrators' rehearsals for as long as the compilers of both JVMs take. */
    void warmUp() throws LuoException {
        // First of all every class: one that is loaded later can undo what has been compiled.
        rounds(LEAST_ROUNDS);
        orchestrators(options.rehearsal());
        long end = System.nanoTime() + options.rehearsal().toNanos();
        for (int round = 0; round < MOST_ROUNDS && System.nanoTime() < end; round++) {
            rounds(1);
        }
        pause();
    }

    /** The next epoch: it is used up. */
    long nextEpoch() {
        return epoch++;
    }

    /** Has both JVMs collect their garbage, so that they need not in the blackout, and warms the caches again. */
    void tidyUp() throws LuoException {
        // Few rounds more, since their garbage stays.
        OutgoingPass pass = prepare(OutgoingPass.REHEARSAL | OutgoingPass.COLLECT);
        System.gc();
        round(pass);
        long end = System.nanoTime() + options.rehearsal().toNanos() / LAST_ROUNDS;
        for (int round = 0; round < LAST_ROUNDS && (round == 0 || System.nanoTime() < end); round++) {
            orchestrators(Duration.ZERO);
            rounds(1);
        }
        wire.watchful().awaitCalm(); // compiles it, too
    }

    @Override
    public void close() {
        Fds.close(scratch);
    }

    /** Lets both JVMs compile what waits for it, while nothing else is to be done. */
    private void pause() {
        LockSupport.parkNanos(options.rehearsal().toNanos() / 3);
    }

    /** Both at the same time. */
    private void orchestrators(Duration time) throws LuoException {
        wire.compose(Kind.REHEARSE, epoch).putInt((int) time.toMillis());
        wire.send();
        repeat(outgoing::rehearse, time);
        Answers.expect(wire, Kind.REHEARSED, epoch++, options.boot());
    }

    private void rounds(int count) throws LuoException {
        for (int round = 0; round < count; round++) {
            round(prepare(OutgoingPass.REHEARSAL));
        }
    }

    private OutgoingPass prepare(int flags) throws LuoException {
        return OutgoingPass.prepare(wire, options.answer(), epoch++, flags, load);
    }

    private void round(OutgoingPass prepared) throws LuoException {
        try (OutgoingPass pass = prepared) {
            pass.awaitPrepared();
            pass.freezing();
            new Blackout(pass, new Phases((name, nanos) -> {})).run(frozen);
        }
    }

    /** Nothing is. */
    private record ScratchFrozen(Image image) implements Frozen {
        @Override
        public int sessions() {
            return 0;
        }

        @Override
        public int files() {
            return 0;
        }

        @Override
        public void fence() {
            // nobody is served
        }

        @Override
        public void unfreeze() {
            // nothing is frozen
        }

        @Override
        public void relinquish(String successor) {
            // nobody owns it
        }
    }

    /** Of the same classes as a real one, or what was compiled for this does not serve that. */
    private static Image image(int scratch, int fds, int bytes) throws LuoException {
        Stat stat = Stat.of(scratch);
        OpenFile file = new OpenFile(scratch, new FileIdentity(stat.device(), stat.inode()));
        ByteBuffer buffer = ByteBuffer.allocate(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return new Image(buffer, List.copyOf(Collections.nCopies(fds, file)));
    }
}
