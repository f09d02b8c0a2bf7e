// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.luo.Compatible;
import org.luo.HandlerInfo;
import org.luo.OutgoingSession;
import org.luo.PluginStatus;
import org.luo.Token;
import org.luo.testkit.RecordingHandler;

/** Clients that go on while handlers take over from each other: they wait, and no call fails. */
@Timeout(60)
final class AdoptionConcurrencyTest {
    private static final int ADOPTIONS = 300;
    private static final int CLIENTS = 3;

    private Platform platform;
    private RecordingHandler newer;

    @BeforeEach
    void twoThatReadEachOther() throws Exception {
        platform = Platform.serving();
        platform.add(recording("memfd").reading("newer-v1"));
        newer = platform.add(recording("newer").reading("memfd-v1"));
    }

    private RecordingHandler recording(String name) {
        return new RecordingHandler(name, platform.journal, platform.fds);
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private HandlerInfo handler(PluginStatus status) {
        return platform.orchestrator.handlers().stream()
                .filter(info -> info.status() == status)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void callsMadeMeanwhileWaitAndThenSucceed() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a", "b");
        OutgoingSession vm2 = platform.session("vm2", "c");
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        newer.on(PRESERVE, 2).waits(reached, go);
        HandlerInfo to = platform.orchestrator.handlers().getLast();
        FutureTask<Integer> adoption = start(() -> platform.orchestrator.adopt(Compatible.of("memfd-v1"), to));
        assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
        List<FutureTask<?>> calls = new ArrayList<>();
        calls.add(start(() -> platform.session("vm3", "d")));
        calls.add(start(() -> {
            vm1.unpreserve(Token.of(1));
            return null;
        }));
        calls.add(start(() -> {
            vm2.close();
            return null;
        }));
        assertThat(platform.orchestrator.files()).hasSize(3);
        assertThat(calls).noneMatch(FutureTask::isDone);
        go.countDown();
        assertThat(adoption.get(10, TimeUnit.SECONDS)).isEqualTo(3);
        for (FutureTask<?> call : calls) {
            call.get(10, TimeUnit.SECONDS);
        }
        assertThat(platform.journal.lines(UNPRESERVE)).contains("newer.unpreserve a", "newer.unpreserve c");
        assertThat(platform.journal.lines(PRESERVE)).endsWith("newer.preserve d");
    }

    @Test
    void noCallFailsHoweverOftenHandlersChangePlaces() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        List<FutureTask<Integer>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            String name = "vm" + client;
            clients.add(start(() -> use(name, ended)));
        }
        OutgoingSession kept = platform.session("kept", "a", "b");
        for (int i = 0; i < ADOPTIONS; i++) {
            Compatible from = handler(PluginStatus.ACTIVE).compatible();
            boolean toNewer = from.equals(Compatible.of("memfd-v1"));
            RecordingHandler next = recording(toNewer ? "newer" : "memfd");
            platform.journal.clear();
            changePlaces(from, next.reading(from.toString()));
        }
        ended.set(true);
        for (FutureTask<Integer> client : clients) {
            assertThat(client.get(20, TimeUnit.SECONDS)).isPositive();
        }
        kept.close();
        platform.assertHoldsNothing();
    }

    /** The rejected one leaves, comes anew in another instance, and takes over. */
    private void changePlaces(Compatible from, RecordingHandler next) throws Exception {
        for (var waiting : platform.core.handlers().rejected()) {
            platform.core.handlers().remove(waiting.service());
        }
        if (platform.core.handlers().slot(next.compatible()) == null) {
            platform.add(next);
        }
        HandlerInfo to = platform.orchestrator.handlers().stream()
                .filter(info -> info.compatible().equals(next.compatible()))
                .findFirst()
                .orElseThrow();
        assertThat(platform.orchestrator.adopt(from, to)).isGreaterThanOrEqualTo(2);
    }

    private int use(String name, AtomicBoolean ended) throws Exception {
        int rounds = 0;
        while (!ended.get() || rounds == 0) {
            OutgoingSession session = platform.session(name, "x", "y", "z");
            session.unpreserve(Token.of(2));
            session.close();
            rounds++;
        }
        return rounds;
    }
}
