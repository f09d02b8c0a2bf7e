// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CANCEL;
import static org.luo.testkit.Callback.IDENTITY;
import static org.luo.testkit.Callback.PRESERVE;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.spi.FlbReferences;
import org.luo.spi.Subsystem;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;
import org.luo.testkit.RecordingSubsystem;
import org.luo.testkit.Script;

/**
 * Whatever a plug-in calls from whichever of its callbacks returns at once: it is allowed or refused, as the table in
 * docs/write-a-handler.md says, and never a deadlock.
 */
@Timeout(60)
final class CallbackMatrixTest {
    /** What is called, in the order of the columns below. */
    private enum Call {
        LIST,
        OTHER_SESSION,
        OWN_SESSION,
        TRANSITION,
        OWN_FLB,
        OTHER_FLB
    }

    private static final String EXPECTED = """
        callback                    list  other_session  own_session  transition  own_flb  other_flb
        handler.canPreserve         yes   yes            EDEADLK      EDEADLK     ENOENT   ENOENT
        handler.identity            yes   yes            EDEADLK      EDEADLK     ENOENT   ENOENT
        handler.preserve            yes   yes            EDEADLK      EDEADLK     yes      yes
        handler.unpreserve          yes   yes            EDEADLK      EDEADLK     yes      yes
        handler.rehearse            yes   yes            yes          EDEADLK     yes      yes
        handler.freeze              yes   EDEADLK        EDEADLK      EDEADLK     yes      yes
        handler.unfreeze            yes   EDEADLK        EDEADLK      EDEADLK     yes      yes
        handler.retrieve            yes   yes            EDEADLK      EDEADLK     yes      yes
        handler.canFinish           yes   yes            EDEADLK      EDEADLK     yes      yes
        handler.finish              yes   yes            EDEADLK      EDEADLK     yes      yes
        flb.preserve                yes   yes            EDEADLK      EDEADLK     EDEADLK  yes
        flb.unpreserve              yes   yes            EDEADLK      EDEADLK     EDEADLK  yes
        flb.retrieve                yes   yes            EDEADLK      EDEADLK     EDEADLK  yes
        flb.finish                  yes   yes            EDEADLK      EDEADLK     EDEADLK  yes
        subsystem.prepare           yes   yes            yes          EDEADLK     yes      yes
        subsystem.cancel            yes   yes            yes          EDEADLK     yes      yes
        subsystem.freeze            yes   EDEADLK        EDEADLK      EDEADLK     yes      yes
        subsystem.cancel_of_freeze  yes   EDEADLK        EDEADLK      EDEADLK     yes      yes
        subsystem.finish            yes   yes            ENOENT       EDEADLK     ENODATA  ENODATA
        """;

    private final Map<String, String> outcomes = new LinkedHashMap<>();
    private Platform platform;
    private RecordingHandler memfd;
    private RecordingFlb pool;
    private RecordingFlb spare;
    private RecordingSubsystem device;
    private OutgoingSession outgoing;
    private IncomingSession incoming;

    private void plugInto(Platform into) throws Exception {
        pool = into.flb("pool");
        spare = into.flb("spare");
        into.add(new RecordingHandler("plain", into.journal, into.fds).accepting(file -> file.startsWith("plain")));
        memfd = into.add(new RecordingHandler("memfd", into.journal, into.fds).needing("spare-v1", "pool-v1"));
        device = into.subsystem("device", Subsystem.Kind.DEVICE);
        for (Callback callback : Callback.values()) {
            calls("handler." + callback, memfd.on(callback, 1));
            calls("flb." + callback, pool.on(callback, 1));
            calls("subsystem." + callback, device.on(callback, 1));
        }
        calls("subsystem.cancel_of_freeze", device.on(CANCEL, 2));
    }

    private void calls(String callback, Script.When when) {
        when.runs(() -> {
            StringJoiner line = new StringJoiner(" ");
            for (Call call : Call.values()) {
                line.add(outcome(call));
            }
            outcomes.putIfAbsent(callback, line.toString());
        });
    }

    private String outcome(Call call) {
        try {
            call(call);
            return "yes";
        } catch (LuoException e) {
            return e.errno().toString();
        } catch (Exception e) {
            return e.toString();
        }
    }

    private void call(Call call) throws Exception {
        FlbReferences flbs = platform.core.flbReferences();
        boolean before = incoming == null;
        switch (call) {
            case LIST -> {
                platform.orchestrator.files();
                platform.orchestrator.callbacks();
                platform.orchestrator.flbs();
            }
            case OTHER_SESSION -> {
                try (OutgoingSession other = platform.session("other")) {
                    platform.preserve(other, "plain", 1);
                }
            }
            case OWN_SESSION -> {
                if (before) {
                    platform.preserve(outgoing, "plain", 7);
                    outgoing.unpreserve(Token.of(7));
                } else {
                    platform.fds.close(incoming.retrieve(Token.of(2)));
                }
            }
            case TRANSITION -> transition();
            case OWN_FLB -> (before ? flbs.outgoing(pool) : flbs.incoming(pool)).close();
            case OTHER_FLB -> (before ? flbs.outgoing(spare) : flbs.incoming(spare)).close();
        }
    }

    /** All of them must answer the same. */
    private void transition() throws LuoException {
        LuoException refusal = null;
        for (Step step : new Step[] {
            platform.orchestrator::prepare,
            platform.orchestrator::freeze,
            platform.orchestrator::cancel,
            platform.orchestrator::finish,
            () -> platform.orchestrator.update("memory", Map.of()),
            () -> platform.orchestrator.checkSuccessor("memory", Map.of()),
            () -> platform.orchestrator.adopt(
                    Compatible.of("memfd-v1"), platform.orchestrator.handlers().getFirst())
        }) {
            try {
                step.take();
                return;
            } catch (LuoException e) {
                assertThat(e.errno()).as(e.getMessage()).isIn(Errno.EDEADLK, Errno.EBUSY);
                refusal = e;
            }
        }
        throw refusal;
    }

    private interface Step {
        void take() throws LuoException;
    }

    @Test
    void everyCallFromEveryCallbackIsAllowedOrRefusedAtOnce() throws Exception {
        platform = Platform.serving();
        plugInto(platform);
        platform.offer(platform.to(platform.successor()));
        outgoing = platform.session("vm1");
        platform.preserve(outgoing, "a", 1);
        outgoing.unpreserve(Token.of(1));
        platform.preserve(outgoing, "a", 1);
        platform.preserve(outgoing, "b", 2);
        platform.orchestrator.prepare();
        platform.orchestrator.cancel();
        Platform failing = platform.successor("memfd");
        failing.flb("pool");
        failing.flb("spare");
        refused(
                Errno.EUCLEAN,
                () -> platform.update(platform.to(failing)
                        .drafting(() -> platform.core.outgoing().rehearse())
                        .beforeDeserialize(() -> {
                            throw LuoException.of(Errno.EUCLEAN, "made up");
                        })));
        Platform next = platform.successor();
        plugInto(next);
        next.offer(next.to(next.successor()));
        Platform before = platform;
        platform = next;
        before.update(next);
        incoming = next.retrieve("vm1");
        next.fds.close(incoming.retrieve(Token.of(1)));
        incoming.finish();
        incoming.close();
        Map<String, String> expected = new LinkedHashMap<>();
        EXPECTED.lines()
                .skip(1)
                .map(line -> line.split(" +", 2))
                .forEach(line -> expected.put(line[0], line[1].replaceAll(" +", " ")));
        assertThat(outcomes).containsExactlyInAnyOrderEntriesOf(expected);
    }

    /** Two callbacks, each of which wants the other one's session, at the same time, over and over. */
    @Test
    void callbacksThatWantEachOthersSessionsDoNotWaitForEver() throws Exception {
        platform = Platform.serving();
        RecordingHandler plain = platform.handler("plain");
        OutgoingSession[] sessions = {platform.session("vm0"), platform.session("vm1")};
        for (int round = 0; round < 20; round++) {
            CountDownLatch both = new CountDownLatch(2);
            plain.behave();
            for (int call = 1; call <= 2; call++) {
                plain.on(PRESERVE, call).runs(() -> {
                    both.countDown();
                    assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
                    boolean first = Thread.currentThread().getName().equals("0");
                    platform.preserve(sessions[first ? 1 : 0], first ? "x" : "y", 2);
                });
            }
            List<FutureTask<Void>> clients = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                OutgoingSession own = sessions[i];
                String file = "f" + i;
                FutureTask<Void> client = new FutureTask<>(() -> {
                    platform.preserve(own, file, 1);
                    return null;
                });
                clients.add(client);
                Thread.ofPlatform().daemon().name(String.valueOf(i)).start(client);
            }
            int refused = 0;
            for (FutureTask<Void> client : clients) {
                try {
                    client.get(20, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    assertThat(((LuoException) e.getCause()).errno()).isEqualTo(Errno.EDEADLK);
                    refused++;
                }
            }
            assertThat(refused).isBetween(1, 2);
            for (OutgoingSession session : sessions) {
                for (long token = 1; token <= 2; token++) {
                    unpreserveIfThere(session, token);
                }
            }
            assertThat(platform.orchestrator.files()).isEmpty();
        }
    }

    private static void unpreserveIfThere(OutgoingSession session, long token) throws LuoException {
        try {
            session.unpreserve(Token.of(token));
        } catch (LuoException.NotFound e) {
            // it was refused
        }
    }

    /** An FLB's callback wants a session whose call wants the FLB. */
    @Test
    void anFlbAndASessionThatWantEachOtherDoNotWaitForEver() throws Exception {
        platform = Platform.serving();
        RecordingFlb shared = platform.flb("pool");
        RecordingHandler needy =
                platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("pool-v1"));
        OutgoingSession vm0 = platform.session("vm0");
        OutgoingSession vm1 = platform.session("vm1");
        CountDownLatch inFlb = new CountDownLatch(1);
        CountDownLatch inSession = new CountDownLatch(1);
        shared.on(PRESERVE, 1).runs(() -> {
            inFlb.countDown();
            assertThat(inSession.await(10, TimeUnit.SECONDS)).isTrue();
            platform.preserve(vm1, "x", 2);
        });
        needy.on(IDENTITY, 2).runs(() -> {
            inSession.countDown();
            Thread.sleep(100); // the FLB's callback waits for the session by now, and this one will for the FLB
        });
        FutureTask<Void> first = new FutureTask<>(() -> {
            platform.preserve(vm0, "a", 1);
            return null;
        });
        Thread.ofPlatform().daemon().start(first);
        assertThat(inFlb.await(10, TimeUnit.SECONDS)).isTrue();
        int refused = 0;
        try {
            platform.preserve(vm1, "b", 1);
        } catch (LuoException e) {
            assertThat(e.errno()).isEqualTo(Errno.EDEADLK);
            refused++;
        }
        try {
            first.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(((LuoException) e.getCause()).errno()).isEqualTo(Errno.EDEADLK);
            refused++;
        }
        assertThat(refused).isBetween(1, 2);
        vm0.close();
        vm1.close();
        platform.assertHoldsNothing();
    }
}
