// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.UNFREEZE;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.UpdateReport;
import org.luo.handover.Handover;
import org.luo.handover.OutgoingSide;
import org.luo.testkit.RecordingHandler;

/** Creating sessions, and which updates there are. */
final class OrchestratorImplTest {
    private Platform platform;
    private RecordingHandler memfd;

    @BeforeEach
    void serving() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
    }

    private OutgoingSession create(byte[] name) throws LuoException {
        return platform.orchestrator.createSession(SessionName.of(name));
    }

    @Test
    void aNameHas1To63Bytes() throws Exception {
        create(new byte[] {'A'}).close();
        OutgoingSession longest = create("A".repeat(63).getBytes(UTF_8));
        assertThat(longest.name().bytes()).isEqualTo("A".repeat(63).getBytes(UTF_8));
        refused(Errno.EINVAL, () -> create(new byte[0]));
        refused(Errno.EINVAL, () -> create("X".repeat(64).getBytes(UTF_8)));
        refused(Errno.EINVAL, () -> create("é".repeat(32).getBytes(UTF_8)));
    }

    @Test
    void everyByteButNulIsLegalInAName() throws Exception {
        refused(Errno.EINVAL, () -> create(new byte[] {'a', 0, 'b'}));
        for (int b = 1; b < 256; b++) {
            assertThat(create(new byte[] {(byte) b}).name().bytes()).containsExactly(b);
        }
        assertThat(platform.orchestrator.sessions()).hasSize(255);
        refused(Errno.EEXIST, () -> create(new byte[] {(byte) 0xff}));
    }

    @Test
    void aSecondSessionOfTheSameNameExists() throws Exception {
        OutgoingSession vm1 = platform.session("vm1");
        platform.session("vm1 ");
        refused(Errno.EEXIST, () -> platform.session("vm1"));
        vm1.close();
        platform.session("vm1");
    }

    @Test
    void twoThousandSessionsCanBeCreatedAndClosed() throws Exception {
        OutgoingSession[] sessions = new OutgoingSession[2000];
        for (int i = 0; i < sessions.length; i++) {
            sessions[i] = platform.session("many-test-" + i);
        }
        assertThat(platform.orchestrator.sessions()).hasSize(2000);
        for (OutgoingSession session : sessions) {
            session.close();
        }
        platform.assertHoldsNothing();
    }

    @Test
    void anIncomingAndAnOutgoingSessionMayHaveTheSameName() throws Exception {
        platform.session("vm1", "a");
        Platform successor = platform.update(platform.successor("memfd"));
        successor.session("vm1");
        successor.retrieve("vm1");
        assertThat(successor.orchestrator.sessions())
                .containsExactly(
                        new SessionInfo(SessionName.of("vm1"), Direction.OUTGOING, 0, true, 0),
                        new SessionInfo(SessionName.of("vm1"), Direction.INCOMING, 1, true, 0));
    }

    @Test
    void whoStandsByOrHasHandedOverOwnsNoSessions() throws Exception {
        Platform successor = platform.successor("memfd");
        refused(Errno.EOPNOTSUPP, () -> successor.session("vm1"));
        refused(Errno.EOPNOTSUPP, () -> successor.retrieve("vm1"));
        refused(Errno.EOPNOTSUPP, () -> successor.update(platform));
        platform.update(successor);
        refused(Errno.EOPNOTSUPP, () -> platform.session("vm1"));
        refused(Errno.EOPNOTSUPP, () -> platform.retrieve("vm1"));
        refused(Errno.EOPNOTSUPP, () -> platform.update(platform.successor("memfd")));
        successor.session("vm1");
    }

    @Test
    void anUnknownHandoverIsNotSupportedAndFreezesNothing() throws Exception {
        platform.session("vm1", "a");
        refused(Errno.EOPNOTSUPP, () -> platform.orchestrator.update("kernel", Map.of()));
        platform.update(platform.successor("memfd"));
        assertThat(platform.journal.count(FREEZE)).isEqualTo(1);
    }

    @Test
    void oneUpdateAtATime() throws Exception {
        platform.update(platform.to(platform.successor("memfd")).beforeDeserialize(() -> {
            refused(Errno.EBUSY, () -> platform.orchestrator.update("memory", Map.of()));
        }));
    }

    @Test
    void anUpdateFromACallbackIsADeadlockAndLaterOnesWork() throws Exception {
        memfd.on(PRESERVE, 1).runs(() -> refused(Errno.EDEADLK, () -> platform.update(platform.successor("memfd"))));
        platform.session("vm1", "a");
        assertThat(platform.journal.count(FREEZE)).isZero();
        platform.update(platform.successor("memfd"));
    }

    @Test
    void aHandoverThatForgetsToUnfreezeIsHelped() throws Exception {
        platform.session("vm1", "a");
        Platform.Snapshot before = platform.snapshot();
        refused(
                Errno.EIO,
                () -> platform.update(platform.to(platform.successor("memfd"))
                        .forgettingToUnfreeze()
                        .beforeDeserialize(() -> {
                            throw LuoException.of(Errno.EIO, "made up");
                        })));
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly("memfd.unfreeze a'");
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.update(platform.successor("memfd"));
    }

    @Test
    void aHandoverThatDoesNothingOrThrowsIsAnError() throws Exception {
        platform.session("vm1", "a");
        Platform.Snapshot before = platform.snapshot();
        refused(Errno.EIO, () -> platform.update(handover(outgoing -> null)));
        refused(Errno.EIO, () -> platform.update(handover(outgoing -> report())));
        refused(
                Errno.EIO,
                () -> platform.update(handover(outgoing -> {
                    outgoing.freeze();
                    return report();
                })));
        refused(
                Errno.EIO,
                () -> platform.update(handover(outgoing -> {
                    outgoing.freeze();
                    throw new NoClassDefFoundError("made up");
                })));
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.update(platform.successor("memfd"));
    }

    private interface Body {
        UpdateReport handOver(OutgoingSide outgoing) throws LuoException;
    }

    private static UpdateReport report() {
        return new UpdateReport("odd", 1, 1, 1, 0, 0, 0, 0, java.util.List.of());
    }

    private static Handover handover(Body body) {
        return new Handover() {
            @Override
            public String kind() {
                return "odd";
            }

            @Override
            public UpdateReport handOver(OutgoingSide outgoing, Map<String, String> options) throws LuoException {
                return body.handOver(outgoing);
            }
        };
    }
}
