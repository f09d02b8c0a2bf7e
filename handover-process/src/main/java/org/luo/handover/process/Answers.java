// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.luo.Errno;
import org.luo.LuoException;

/** Answers of the successor: that which is expected, or a refusal. */
final class Answers {
    /** What the successor may have sent that nobody has read when it goes: an answer and a refusal. */
    private static final int LAST_MESSAGES = 3;

    private Answers() {}

    /**
     * Waits for an answer, and leaves its body in the wire.
     *
     * @throws LuoException the successor's errno and reason if it refuses · ESTALE if the answer is one to something
     *     else · EPROTO if it is another message · ETIMEDOUT · EPIPE if the successor has gone
     */
    static void expect(Wire wire, Kind expected, long epoch, Duration patience) throws LuoException {
        Kind kind = receive(wire, expected, patience);
        if (kind == Kind.REFUSED) {
            throw refusal(wire);
        }
        if (kind != expected) {
            throw LuoException.of(Errno.EPROTO, wire.peer() + " answers " + kind + ", not " + expected);
        }
        if (wire.epoch() != epoch) {
            throw LuoException.of(
                    Errno.ESTALE, wire.peer() + " answers " + kind + " to epoch " + wire.epoch() + ", not " + epoch);
        }
    }

    /** Why the successor takes no more: the refusal that it has sent before it went, or else the failure itself. */
    static LuoException whyGone(Wire wire, LuoException failure) {
        if (failure.errno() == Errno.EPIPE) {
            try {
                for (int i = 0; i < LAST_MESSAGES; i++) {
                    if (wire.receive(Duration.ofMillis(1)) == Kind.REFUSED) {
                        return refusal(wire);
                    }
                }
            } catch (LuoException silent) {
                failure.addSuppressed(silent);
            }
        }
        return failure;
    }

    /** Sends a refusal. */
    static void refuse(Wire wire, long epoch, LuoException why) throws LuoException {
        byte[] reason = why.getMessage().getBytes(StandardCharsets.UTF_8);
        wire.compose(Kind.REFUSED, epoch)
                .putInt(why.errno().number())
                .put(reason, 0, Math.min(reason.length, Kind.MAX_REASON));
        wire.send();
    }

    private static Kind receive(Wire wire, Kind expected, Duration patience) throws LuoException {
        try {
            return wire.receive(patience);
        } catch (LuoException e) {
            String what = wire.peer() + ", which had to say " + expected;
            throw switch (e.errno()) {
                case ETIMEDOUT ->
                    LuoException.of(Errno.ETIMEDOUT, what + ", said nothing for " + patience.toMillis() + " ms", e);
                case EPIPE -> LuoException.of(Errno.EPIPE, what + ", has gone", e);
                default -> e;
            };
        }
    }

    /** What happened, without the errno that an exception made from it appends again. */
    static String withoutErrno(LuoException failure) {
        return withoutErrno(failure.getMessage(), failure.errno());
    }

    private static String withoutErrno(String message, Errno errno) {
        String bracket = " [" + errno + "]";
        return message.endsWith(bracket) ? message.substring(0, message.length() - bracket.length()) : message;
    }

    private static LuoException refusal(Wire wire) {
        Errno errno = Errno.of(wire.body().getInt());
        String reason = Wire.printable(wire.body());
        return LuoException.of(errno, wire.peer() + " refuses: " + withoutErrno(reason, errno));
    }
}
