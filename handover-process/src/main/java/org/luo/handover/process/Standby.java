// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.IncomingSide;
import org.luo.handover.process.Fault.Step;

/**
 * The successor's half of the conversation, until it is the owner or has failed.
 *
 * <p>It follows: it does what the predecessor's message says, in whatever order that is allowed, and refuses everything
 * else. COMMIT alone makes it the owner. A predecessor that ends before is the end; one that ends after is not.
 *
 * <p>Context: one thread.
 */
final class Standby implements AutoCloseable {
    /** Who owns what is preserved, seen from here. */
    private enum State {
        /** The predecessor; nothing has come. */
        FOLLOWING,
        /** The predecessor; everything has come and been deserialized. */
        READY,
        /** This process. */
        OWNER
    }

    private final Wire wire;
    private final IncomingSide incoming;
    private final Fault fault;
    private State state = State.FOLLOWING;
    private IncomingPass pass;
    private long last;
    private long begun;

    Standby(Wire wire, IncomingSide incoming, Fault fault) {
        this.wire = wire;
        this.incoming = incoming;
        this.fault = fault;
    }

    /**
     * Introduces this process and follows the predecessor. When it returns, this process is the owner and serves.
     *
     * @param healthy asked after it serves
     * @throws LuoException why it must end; the predecessor has been told if it listens
     */
    void run(BooleanSupplier healthy) throws LuoException {
        try {
            hello();
            while (state != State.OWNER) {
                follow(wire.receive(Wire.FOR_EVER));
            }
            serve();
        } catch (LuoException e) {
            refuse(e);
            throw e;
        } catch (RuntimeException | Error e) {
            refuse(LuoException.of(Errno.EIO, "successor: " + e, e));
            throw e;
        }
        report(healthy);
    }

    private void hello() throws LuoException {
        int protocol = fault.at(Step.HELLO) ? Kind.PROTOCOL + 1 : Kind.PROTOCOL;
        Set<Compatible> readable = fault.at(Step.PREFLIGHT) ? Set.of() : incoming.readable();
        String java = System.getProperty("java.version", "");
        Hello hello = new Hello(protocol, ProcessHandle.current().pid(), FdTable.limit(), java, readable);
        hello.write(wire.compose(Kind.HELLO, 0));
        wire.send();
    }

    private void follow(Kind kind) throws LuoException {
        switch (kind) {
            case REHEARSE -> rehearse();
            case PREPARE -> prepare();
            case FREEZING -> {
                if (!current(kind).isRehearsal()) {
                    incoming.touch();
                }
                wire.watchful().stay();
            }
            case BEGIN -> {
                begun = System.nanoTime();
                current(kind).begin(wire);
            }
            case BATCH -> current(kind).batch(wire);
            case IMAGE -> ready(current(kind));
            case COMMIT -> commit(current(kind));
            default -> throw wire.malformed("unexpected " + kind);
        }
    }

    private IncomingPass current(Kind kind) throws LuoException {
        if (pass == null || wire.epoch() != pass.epoch()) {
            throw LuoException.of(
                    Errno.ESTALE,
                    kind + " of epoch " + wire.epoch() + ", not " + (pass == null ? "prepared" : pass.epoch()));
        }
        return pass;
    }

    private void rehearse() throws LuoException {
        fault.at(Step.REHEARSE);
        if (pass != null || wire.epoch() <= last) {
            throw LuoException.of(Errno.ESTALE, "REHEARSE of epoch " + wire.epoch() + " after " + last);
        }
        int millis = wire.body().getInt();
        if (millis < 0 || millis > Options.MAX_REHEARSAL) {
            throw wire.malformed("REHEARSE for " + Integer.toUnsignedString(millis) + " ms");
        }
        last = wire.epoch();
        Rehearsal.repeat(incoming::rehearse, Duration.ofMillis(millis));
        answer(Kind.REHEARSED);
    }

    private void prepare() throws LuoException {
        if (pass != null) {
            throw wire.malformed("PREPARE within a pass");
        }
        pass = IncomingPass.prepare(wire, last, fault);
        last = pass.epoch();
        if (pass.collects()) {
            System.gc();
        }
        answer(Kind.PREPARED);
    }

    private void ready(IncomingPass complete) throws LuoException {
        if (state == State.READY) {
            throw wire.malformed("second IMAGE");
        }
        Image image = complete.image(wire);
        long received = System.nanoTime();
        if (!complete.isRehearsal()) {
            deserialize(complete, image);
        }
        long deserialized = System.nanoTime();
        state = State.READY;
        wire.compose(Kind.READY, last)
                .putInt(complete.announced())
                .putLong(received - begun)
                .putLong(deserialized - received);
        wire.send();
    }

    private void deserialize(IncomingPass complete, Image image) throws LuoException {
        if (complete.isDraft()) {
            incoming.anticipate(fault.at(Step.ANTICIPATE) ? Fault.corrupt(image) : image);
            complete.give();
        } else {
            fault.at(Step.DESERIALIZE);
            incoming.deserialize(image);
            complete.give();
            fault.at(Step.READY);
        }
    }

    private void commit(IncomingPass complete) throws LuoException {
        if (state != State.READY) {
            throw wire.malformed("COMMIT before READY");
        }
        if (complete.isRehearsal() || complete.isDraft()) {
            answer(Kind.CONFIRM);
            wire.watchful().rest();
            complete.close();
            pass = null;
            state = State.FOLLOWING;
        } else {
            fault.at(Step.COMMIT);
            state = State.OWNER;
        }
    }

    /** If it does not do so whole, the predecessor goes on; if that has gone, nobody has it but this process. */
    private void serve() throws LuoException {
        try {
            incoming.serve();
        } catch (LuoException e) {
            if (!wire.isReadable(0)) { // all that can come from it now is its end
                throw e;
            }
        }
        fault.at(Step.CONFIRM);
    }

    /** Whether this process was told to be the owner. */
    boolean isOwner() {
        return state == State.OWNER;
    }

    /** Tells the predecessor; if it does not hear any more, this process is the owner all the same. */
    private void report(BooleanSupplier healthy) {
        try {
            answer(Kind.CONFIRM);
        } catch (LuoException e) {
            // it has gone: nobody else is the owner
        }
        try {
            incoming.publish();
            if (fault.at(Step.HEALTHY) || !healthy.getAsBoolean()) {
                refuse(LuoException.of(Errno.EIO, "serves, but its framework is not up"));
            } else {
                answer(Kind.HEALTHY);
            }
        } catch (LuoException e) {
            // it has gone, or will end this process
        } catch (RuntimeException | Error e) {
            refuse(LuoException.of(Errno.EIO, "successor: " + e, e));
        }
    }

    private void answer(Kind kind) throws LuoException {
        wire.compose(kind, last);
        wire.send();
    }

    private void refuse(LuoException why) {
        try {
            Answers.refuse(wire, last, why);
        } catch (LuoException e) {
            why.addSuppressed(e);
        }
    }

    /** Lets go of what has come, but for what was deserialized. */
    @Override
    public void close() {
        if (pass != null) {
            pass.close();
        }
        wire.close();
    }
}
