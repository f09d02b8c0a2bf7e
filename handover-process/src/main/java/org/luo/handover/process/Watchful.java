// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.lang.foreign.MemorySegment;
import org.luo.LuoException;
import org.luo.linux.Poll;
import org.luo.linux.Received;
import org.luo.linux.RunQueue;
import org.luo.linux.UnixSocket;

/**
 * Looks for messages instead of sleeping until one comes: to be woken takes 20 to 300 µs, the more the longer one has
 * slept.
 *
 * <p>It must cost nobody the processor. A thread that yields to others loses a whole slice of their time, so who is
 * patient looks whether there are others, and sleeps meanwhile: a sleeper is preferred when it is woken.
 *
 * <p>Context: one thread.
 */
final class Watchful implements AutoCloseable {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    private static final long AWAKE_NANOS = 50_000_000;
    private static final long SOON_NANOS = 400_000;
    private static final long LOOK_NANOS = 20_000;
    private static final long NAP_MILLIS = 1;

    /** Longer than who naps is not to be seen. */
    private static final long CALM_NANOS = 1_200_000;

    private static final long AT_MOST_NANOS = 10_000_000;

    private final UnixSocket socket;

    /** Null if there is nobody else to be awake for, or others can't be seen. */
    private final RunQueue others;

    private long until = System.nanoTime();
    private boolean patient;

    Watchful(UnixSocket socket) {
        this(socket, others());
    }

    /** @param others is closed with this */
    Watchful(UnixSocket socket, RunQueue others) {
        this.socket = socket;
        this.others = others;
    }

    private static RunQueue others() {
        try {
            return PROCESSORS > 1 ? RunQueue.open() : null;
        } catch (LuoException e) {
            return null;
        }
    }

    /** For 50 ms from now on, but for moments in which others need all processors. */
    void stay() {
        stay(AWAKE_NANOS, true);
    }

    /** For an answer that is about to come: for 0.4 ms, whoever needs the processor. */
    void awaitAnswer() {
        stay(SOON_NANOS, false);
    }

    private void stay(long nanos, boolean patiently) {
        if (others != null) {
            until = System.nanoTime() + nanos;
            patient = patiently;
        }
    }

    /** The end of both. */
    void rest() {
        until = System.nanoTime();
    }

    /**
     * Until all processors have been enough for everybody for a moment, 10 ms at most: what has just been run for the first
     * times is being compiled, and that would take one of them.
     */
    void awaitCalm() {
        if (others != null) {
            long since = System.nanoTime();
            long end = since + AT_MOST_NANOS;
            for (long now = since; now - since < CALM_NANOS && now - end < 0; now = System.nanoTime()) {
                since = isCrowded() ? System.nanoTime() : since; // to look may have taken long: nor is that calm
            }
        }
    }

    /** A message; null if it is time to sleep until one comes. */
    Received look(MemorySegment buffer) throws LuoException {
        long looked = System.nanoTime();
        for (long now = looked; now - until < 0; now = System.nanoTime()) {
            Received received = socket.receiveNow(buffer);
            if (received != null) {
                return received;
            }
            if (patient && now - looked > LOOK_NANOS) {
                looked = now;
                if (isCrowded()) {
                    Poll.await(socket.fd(), Poll.POLLIN, NAP_MILLIS);
                }
            }
        }
        return null;
    }

    /** Whom one can't see may be there. */
    private boolean isCrowded() {
        try {
            return others.length() > PROCESSORS;
        } catch (LuoException e) {
            return true;
        }
    }

    @Override
    public void close() {
        if (others != null) {
            others.close();
        }
    }
}
