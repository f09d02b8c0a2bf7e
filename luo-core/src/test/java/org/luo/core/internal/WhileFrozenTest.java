// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.testkit.InMemoryHandover;

/** Session calls made while everything is frozen: they wait, and then go on or are refused. */
@Timeout(20)
final class WhileFrozenTest {
    private Platform platform;
    private OutgoingSession vm1;
    private OutgoingSession vm2;
    private IncomingSession in;
    private int fd;
    private final List<FutureTask<Errno>> calls = new ArrayList<>();

    @BeforeEach
    void twoSessionsAndOneThatCameOver() throws Exception {
        Platform first = Platform.serving();
        first.handler("memfd");
        first.session("in");
        platform = first.update(first.successor("memfd"));
        in = platform.retrieve("in");
        vm1 = platform.session("vm1", "a", "b");
        vm2 = platform.session("vm2", "c");
        fd = platform.open("d");
    }

    /** One call of each kind, all waiting when this returns. */
    private void callAll() {
        call(() -> platform.orchestrator.createSession(SessionName.of("vm3")));
        call(() -> platform.orchestrator.retrieveSession(SessionName.of("nobody")));
        call(() -> {
            vm1.preserve(fd, Token.of(9));
            return null;
        });
        call(() -> {
            vm1.unpreserve(Token.of(1));
            return null;
        });
        call(() -> in.retrieve(Token.of(1)));
        call(() -> {
            in.finish();
            return null;
        });
        call(() -> {
            vm2.close();
            return null;
        });
    }

    private void call(Callable<?> call) {
        FutureTask<Errno> task = new FutureTask<>(() -> {
            try {
                call.call();
                return null;
            } catch (LuoException e) {
                return e.errno();
            }
        });
        calls.add(task);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(task).isNotDone();
            Thread.onSpinWait();
        }
    }

    private List<Errno> answers() throws Exception {
        List<Errno> answers = new ArrayList<>();
        for (FutureTask<Errno> task : calls) {
            answers.add(task.get(10, TimeUnit.SECONDS));
        }
        return answers;
    }

    @Test
    void theyGoOnWhenTheUpdateIsGivenUp() throws Exception {
        Platform successor = platform.successor("memfd");
        InMemoryHandover handover = platform.to(successor).afterDeserialize(() -> {
            callAll();
            throw LuoException.of(Errno.EIO, "made up");
        });
        refused(Errno.EIO, () -> platform.update(handover));
        assertThat(answers()).containsExactly(null, Errno.ENOENT, null, null, Errno.ENOENT, null, null);
        assertThat(platform.orchestrator.sessions())
                .extracting(info -> info.name() + " " + info.files())
                .containsExactly("vm1 2", "vm3 0", "in 0");
    }

    @Test
    void theyAreRefusedWhenTheSuccessorHasTakenOverAndCloseDoesNothing() throws Exception {
        Platform successor = platform.successor("memfd");
        platform.update(platform.to(successor).afterDeserialize(this::callAll));
        Errno no = Errno.EOPNOTSUPP;
        assertThat(answers()).containsExactly(no, no, no, no, no, no, null);
        in.close();
        vm1.close();
        assertThat(successor.orchestrator.sessions())
                .extracting(info -> info.name() + " " + info.files())
                .containsExactly("vm1 2", "vm2 1");
    }

    @Test
    void whatIsRunningEndsBeforeTheFreezeBegins() throws Exception {
        Thread.Builder.OfPlatform daemon = Thread.ofPlatform().daemon();
        Platform successor = platform.successor("memfd");
        for (int round = 0; round < 20; round++) {
            OutgoingSession session = platform.session("round" + round);
            int file = platform.open("f" + round);
            Thread preserving = daemon.start(() -> {
                for (int i = 0; i < 50; i++) {
                    try {
                        session.preserve(file, Token.of(i));
                        session.unpreserve(Token.of(i));
                    } catch (LuoException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            platform.core.outgoing().freeze().unfreeze();
            assertThat(preserving.join(Duration.ofSeconds(10))).isTrue();
            session.close();
            platform.fds.close(file);
        }
        platform.update(successor);
        assertThat(platform.fds.strayCloses()).isZero();
    }

    @Test
    void sessionsCanBeListed() throws Exception {
        platform.update(platform.to(platform.successor("memfd")).afterDeserialize(() -> {
            assertThat(platform.orchestrator.sessions()).hasSize(3);
            assertThat(platform.orchestrator.files()).hasSize(3);
            assertThat(platform.orchestrator.handlers()).hasSize(1);
            assertThat(platform.orchestrator.flbs()).isEmpty();
        }));
    }
}
