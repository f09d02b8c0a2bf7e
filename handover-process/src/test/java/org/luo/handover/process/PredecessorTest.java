// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;

/** The predecessor against successors that die, fall silent or talk nonsense at each step. */
class PredecessorTest {
    private static final Map<String, String> IMPATIENT = Map.of("timeout.answer", "150", "grace", "150");

    private int open;
    private Halves halves;
    private InMemoryOutgoingSide outgoing;

    @BeforeEach
    void start() throws LuoException {
        FdTable.makeRoom(0, 5000);
        open = FdTable.open();
        halves = new Halves();
        outgoing = new InMemoryOutgoingSide(300, 1000);
    }

    @AfterEach
    void noFdIsLeft() throws Exception {
        halves.close();
        outgoing.close();
        assertThat(FdTable.open()).isEqualTo(open);
    }

    /** After which answer of its own, in the pass that counts, a successor goes wrong. */
    enum After {
        HELLO,
        REHEARSED,
        DRAFTED,
        PREPARED,
        READY,
        CONFIRM
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessorThatDiesIsSurvived(After last) {
        halves.inSuccessor(() -> {
            play(last);
            halves.successor.close();
        });
        assertFailure(Errno.EPIPE).hasMessageContaining("has gone");
        assertUndone(last);
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessorThatFallsSilentIsSurvived(After last) {
        halves.inSuccessor(() -> {
            play(last);
            Thread.sleep(500);
            halves.successor.close();
        });
        assertFailure(Errno.ETIMEDOUT);
        assertUndone(last);
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessorThatTalksNonsenseIsSurvived(After last) {
        halves.inSuccessor(() -> {
            play(last);
            say(Kind.HELLO, 0);
        });
        assertFailure(Errno.EBADMSG).hasMessageContaining("kind 0 with 0 bytes");
        assertUndone(last);
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessorThatRefusesIsHeard(After last) {
        halves.inSuccessor(() -> {
            play(last);
            Answers.refuse(halves.successor, 0, LuoException.of(Errno.ENOMEM, "no room"));
            halves.successor.close();
        });
        assertFailure(Errno.ENOMEM).hasMessage("successor 4711 refuses: no room [ENOMEM]");
        assertUndone(last);
    }

    @Test
    void anAnswerOfAnotherEpochIsRefused() {
        halves.inSuccessor(() -> {
            play(After.READY);
            say(Kind.CONFIRM, halves.successor.epoch() - 1);
            Thread.sleep(500);
        });
        assertFailure(Errno.ESTALE).hasMessageContaining("answers CONFIRM to epoch");
        assertUndone(After.READY);
    }

    @Test
    void aSuccessorThatHasFewerFilesIsNotReady() {
        halves.inSuccessor(() -> {
            play(After.PREPARED);
            receive(Kind.IMAGE);
            halves.successor
                    .compose(Kind.READY, halves.successor.epoch())
                    .putInt(299)
                    .putLong(0)
                    .putLong(0);
            halves.successor.send();
        });
        assertFailure(Errno.EPROTO).hasMessageContaining("ready with 299 fds, 300 were passed");
        assertUndone(After.PREPARED);
    }

    @Test
    void timesThatCannotBeAreNotReported() throws LuoException {
        halves.inSuccessor(() -> {
            play(After.CONFIRM);
            say(Kind.HEALTHY, halves.successor.epoch());
        });
        UpdateReport report = halves.handOver(outgoing, IMPATIENT);
        assertThat(report.phases())
                .allSatisfy(phase -> assertThat(phase.nanos()).isNotNegative());
        assertThat(report.blackoutNanos()).isLessThan(Duration.ofSeconds(5).toNanos());
    }

    /** Speaks the successor's part up to an answer in the pass that counts. */
    private void play(After last) throws LuoException {
        Wire wire = halves.successor;
        new Hello(Kind.PROTOCOL, 4711, 20_000, "25", Set.of(InMemoryOutgoingSide.FORMAT))
                .write(wire.compose(Kind.HELLO, 0));
        wire.send();
        if (last == After.HELLO) {
            return;
        }
        rehearse(Kind.REHEARSE);
        say(Kind.REHEARSED, wire.epoch());
        if (last == After.REHEARSED) {
            return;
        }
        if (last == After.DRAFTED) {
            rehearse(Kind.BEGIN);
            say(Kind.PREPARED, wire.epoch());
            return;
        }
        rehearse(Kind.PREPARE);
        say(Kind.PREPARED, wire.epoch());
        receive(Kind.FREEZING); // one that goes before is found out before anything is frozen
        if (last == After.PREPARED) {
            return;
        }
        receive(Kind.IMAGE);
        wire.compose(Kind.READY, wire.epoch()).putInt(300).putLong(1).putLong(Long.MAX_VALUE);
        wire.send();
        receive(Kind.COMMIT);
        if (last == After.CONFIRM) {
            say(Kind.CONFIRM, wire.epoch());
        }
    }

    /** Answers rehearsals, up to the first REHEARSE, to the PREPARE of the draft (BEGIN) or of the pass that counts. */
    private void rehearse(Kind until) throws LuoException {
        Wire wire = halves.successor;
        while (true) {
            Kind kind = wire.receive(Halves.PATIENCE);
            boolean counts = false;
            if (kind == Kind.PREPARE) {
                int flags = wire.body().getInt();
                counts = (flags & (OutgoingPass.REHEARSAL | OutgoingPass.DRAFT)) == 0;
                if (flags == OutgoingPass.DRAFT && until == Kind.BEGIN) {
                    return;
                }
            }
            if (counts || kind == until && until == Kind.REHEARSE) {
                assertThat(kind).isEqualTo(until);
                return;
            }
            if (kind == Kind.REHEARSE) {
                say(Kind.REHEARSED, wire.epoch());
            } else {
                round();
            }
        }
    }

    private void round() throws LuoException {
        Wire wire = halves.successor;
        say(Kind.PREPARED, wire.epoch());
        receive(Kind.BEGIN);
        int fds = wire.body().getInt();
        receive(Kind.IMAGE);
        wire.compose(Kind.READY, wire.epoch()).putInt(fds).putLong(0).putLong(0);
        wire.send();
        receive(Kind.COMMIT);
        say(Kind.CONFIRM, wire.epoch());
    }

    private void receive(Kind awaited) throws LuoException {
        Kind kind;
        do {
            kind = halves.successor.receive(Halves.PATIENCE);
        } while (kind != awaited);
    }

    private void say(Kind kind, long epoch) throws LuoException {
        halves.successor.compose(kind, epoch);
        halves.successor.send();
    }

    private AbstractThrowableAssert<?, ?> assertFailure(Errno errno) {
        return assertThatThrownBy(() -> halves.handOver(outgoing, IMPATIENT))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    /** Never two owners: once COMMIT has gone out, the successor is dead before anything is unfrozen. */
    private void assertUndone(After last) {
        switch (last) {
            case HELLO, REHEARSED, DRAFTED ->
                assertThat(outgoing.calls).doesNotContain("freeze", "unfreeze", "relinquish");
            case PREPARED ->
                assertThat(outgoing.calls).containsExactly("rehearse", "draft", "draft taken", "freeze", "unfreeze");
            case READY, CONFIRM ->
                assertThat(outgoing.calls)
                        .containsExactly("rehearse", "draft", "draft taken", "freeze", "end successor", "unfreeze");
        }
    }
}
