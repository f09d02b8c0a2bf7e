// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The call of a client that a thread is in, with the calls that its callbacks make in turn. If a callback does not
 * return the {@link Watchdog} declares the call overdue: it fails, whatever comes of it, or goes on to its end if it can't
 * fail any more; until then it keeps what it has locked, and others are refused there.
 *
 * <p>Beginning costs a write and ending one compare-and-set, which decides whether it was in time.
 */
final class ClientCall {
    private static final VarHandle NUMBER;

    static {
        try {
            NUMBER = MethodHandles.lookup().findVarHandle(ClientCall.class, "number", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread thread = Thread.currentThread();
    private int depth; // of the thread

    /** Where it came in. */
    private volatile Gate gate;

    /** Odd while there is a call, and negative while that is overdue. */
    private volatile long number;

    // Guarded by this.
    private String why;
    private boolean interrupted;

    /** The thread has come in. Undo: {@link #end}. */
    void begin(Gate through) {
        if (depth++ == 0) {
            gate = through;
            number++;
        }
    }

    /** The thread goes out. */
    void end() {
        if (--depth > 0) {
            return;
        }
        long mine = number;
        if (mine < 0 || !NUMBER.compareAndSet(this, mine, mine + 1)) {
            calm();
            number = 1 - number;
        }
    }

    Thread thread() {
        return thread;
    }

    /** Tells this call from those before and after; to be asked whether it {@linkplain #isCall is one}. */
    long number() {
        return number;
    }

    /** Whether there is a call with this number that is not overdue, through this gate. */
    boolean isCall(long which, Gate through) {
        return which > 0 && (which & 1) != 0 && gate == through;
    }

    boolean isOverdue() {
        return number < 0;
    }

    /**
     * Declares it overdue, unless it has ended meanwhile.
     *
     * @param interrupt whether that may help the callback to return
     */
    synchronized boolean giveUp(long which, String reason, boolean interrupt) {
        if (!NUMBER.compareAndSet(this, which, -which)) {
            return false;
        }
        why = reason;
        interrupted = interrupt;
        if (interrupt) {
            thread.interrupt();
        }
        return true;
    }

    /** A callback has returned: it was to be interrupted, and nobody else. */
    void calm() {
        if (number < 0) {
            synchronized (this) {
                if (interrupted) {
                    Thread.interrupted();
                    interrupted = false;
                }
            }
        }
    }

    /** @throws LuoException ETIMEDOUT if it is overdue */
    void requireInTime() throws LuoException {
        if (number < 0) {
            throw refusal(null);
        }
    }

    /** Why it fails. */
    synchronized LuoException refusal(Throwable cause) {
        return LuoException.of(Errno.ETIMEDOUT, why, cause);
    }
}
