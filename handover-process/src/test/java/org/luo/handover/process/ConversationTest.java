// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.UpdateReport;
import org.luo.UpdateReport.Phase;
import org.luo.linux.Stat;

/** Both halves together, over a real socket with real files. */
class ConversationTest {
    private int open;

    @BeforeEach
    void count() throws LuoException {
        // What the JVM opens at the first use shall not count.
        FdTable.makeRoom(0, 5000);
        open = FdTable.open();
    }

    @AfterEach
    void noFdIsLeft() {
        assertThat(FdTable.open()).isEqualTo(open);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 253, 254, 506, 2000})
    void everyFileArrivesInOrder(int count) throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(count, 100 + count * 64);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            halves.standBy(incoming);
            UpdateReport report = halves.handOver(outgoing);
            assertThat(halves.failure()).isNull();
            assertThat(outgoing.calls).containsExactly("rehearse", "draft", "draft taken", "freeze", "relinquish");
            assertThat(incoming.calls)
                    .containsExactly("rehearse", "anticipate", "touch", "deserialize", "serve", "publish");
            assertThat(incoming.bytes).isEqualTo(outgoing.bytes);
            assertThat(incoming.files).hasSize(count);
            for (int i = 0; i < count; i++) {
                assertThat(Stat.of(incoming.files.get(i).fd()).inode())
                        .isEqualTo(outgoing.files.get(i).identity().inode());
            }
            assertThat(report.files()).isEqualTo(count);
            assertThat(incoming.drafted).hasSize(count);
            assertThat(report.imageBytes()).isEqualTo(2L * outgoing.bytes.length);
        }
    }

    @Test
    void theReportNamesEveryPhase() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(3, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            UpdateReport report = halves.standBy(incoming).handOver(outgoing);
            assertThat(report.number()).isEqualTo(5);
            assertThat(report.phases().stream().filter(Phase::blackout).map(Phase::name))
                    .containsExactly("freeze", "pass", "receive", "deserialize", "commit");
            assertThat(report.phases().stream()
                            .filter(phase -> !phase.blackout())
                            .map(Phase::name))
                    .containsExactly("preflight", "rehearse", "draft", "tidy", "health");
            assertThat(report.blackoutNanos())
                    .isEqualTo(report.phases().stream()
                            .filter(Phase::blackout)
                            .mapToLong(Phase::nanos)
                            .sum());
        }
    }

    @Test
    void withoutRoomForADraftEverythingGoesOverInTheBlackout() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(300, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            outgoing.draftFails = true;
            halves.standBy(incoming).handOver(outgoing);
            assertThat(outgoing.calls).containsExactly("rehearse", "freeze", "relinquish");
            assertThat(incoming.calls).containsExactly("rehearse", "touch", "deserialize", "serve", "publish");
            assertThat(incoming.files).hasSize(300);
        }
    }

    @Test
    void aDraftThatIsRefusedEndsTheUpdateBeforeAnythingIsFrozen() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(300, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            incoming.anticipateFails = true;
            halves.standBy(incoming);
            assertFailure(halves, outgoing, Errno.EBADMSG).hasMessageContaining("draft: offset 12");
            assertThat(outgoing.calls).containsExactly("rehearse", "draft");
        }
    }

    @Test
    void aCheckPassesADraftAndFreezesNothing() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(300, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            halves.standBy(incoming).check(outgoing);
            assertThat(halves.failure()).isInstanceOf(LuoException.class);
            assertThat(outgoing.calls).containsExactly("rehearse", "draft");
            assertThat(incoming.calls).containsExactly("rehearse", "anticipate");
            assertThat(incoming.drafted).hasSize(300);
        }
    }

    @Test
    void aCheckSaysWhyASuccessorWouldNotTakeEverything() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(300, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            incoming.anticipateFails = true;
            halves.standBy(incoming);
            assertThatThrownBy(() -> halves.check(outgoing)).hasMessageContaining("draft: offset 12");
        }
    }

    @Test
    void anImageLargerThanExpectedArrives() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(1, 3_000_001);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            halves.standBy(incoming).handOver(outgoing);
            assertThat(incoming.bytes).isEqualTo(outgoing.bytes);
        }
    }

    @Test
    void whatCannotBeReadIsRefusedByNameBeforeAnythingIsFrozen() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(10, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            incoming.readable = Set.of();
            halves.standBy(incoming);
            assertFailure(halves, outgoing, Errno.ENOENT)
                    .hasMessageContaining("successor 4711 cannot read test-v1 (vm1/0x1, ")
                    .hasMessageContaining("and 2 others");
            assertThat(outgoing.calls).isEmpty();
            assertThat(halves.failure()).hasMessageContaining("has gone");
        }
    }

    @Test
    void aFreezeThatFailsEndsTheUpdate() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(1, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            outgoing.freezeFails = true;
            halves.standBy(incoming);
            assertFailure(halves, outgoing, Errno.EIO).hasMessage("freeze vm1/0x1: no [EIO]");
            assertThat(halves.failure()).isInstanceOf(LuoException.class);
            assertThat(incoming.calls).containsExactly("rehearse", "anticipate", "touch");
        }
    }

    @Test
    void anImageThatIsRefusedIsUnfrozenAndTheReasonIsTold() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(300, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            incoming.deserializeFails = true;
            halves.standBy(incoming);
            assertFailure(halves, outgoing, Errno.EBADMSG)
                    .hasMessage("successor 4711 refuses: image: offset 12: not?[31m so [EBADMSG]");
            assertThat(outgoing.calls).containsExactly("rehearse", "draft", "draft taken", "freeze", "unfreeze");
        }
    }

    @Test
    void aSuccessorThatDoesNotServeIsDeadBeforeThePredecessorGoesOn() throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(1, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            incoming.serveFails = true;
            halves.standBy(incoming);
            assertFailure(halves, outgoing, Errno.EADDRINUSE).hasMessageContaining("door admin does not open");
            assertThat(outgoing.calls)
                    .containsExactly("rehearse", "draft", "draft taken", "freeze", "end successor", "unfreeze");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "preflight", "batch", "image", "healthy"})
    void aCorruptStepIsNoticed(String step) throws Exception {
        try (Halves halves = new Halves();
                InMemoryOutgoingSide outgoing = new InMemoryOutgoingSide(300, 100);
                InMemoryIncomingSide incoming = new InMemoryIncomingSide()) {
            halves.standBy(incoming, Fault.parse(step + ":corrupt"));
            if (step.equals("image")) {
                halves.handOver(outgoing);
                assertThat(incoming.bytes).isNotEqualTo(outgoing.bytes);
            } else {
                assertThatThrownBy(() -> halves.handOver(outgoing)).isInstanceOf(LuoException.class);
                assertThat(List.of("rehearse", "unfreeze")).containsAnyOf(last(outgoing));
            }
        }
    }

    private static String last(InMemoryOutgoingSide outgoing) {
        return outgoing.calls.isEmpty() ? "rehearse" : outgoing.calls.getLast();
    }

    private static AbstractThrowableAssert<?, ?> assertFailure(
            Halves halves, InMemoryOutgoingSide outgoing, Errno errno) {
        return assertThatThrownBy(() -> halves.handOver(outgoing))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
