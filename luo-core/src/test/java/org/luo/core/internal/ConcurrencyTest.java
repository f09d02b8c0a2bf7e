// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.core.internal.image.Contents;
import org.luo.core.internal.image.ImageReader;
import org.luo.handover.Frozen;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** Many threads at once, for two seconds each; whatever the interleaving, nothing is lost, leaked or stuck. */
@Timeout(60)
final class ConcurrencyTest {
    private static final long SECONDS = 2;
    private static final int THREADS = 4;

    private final Platform platform;
    private final RecordingHandler memfd;
    private final RecordingFlb hugetlb;
    private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);

    ConcurrencyTest() throws LuoException {
        platform = Platform.serving();
        hugetlb = platform.flb("hugetlb");
        memfd = platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
    }

    private interface Step {
        void run(Random random) throws Exception;
    }

    private FutureTask<Integer> repeat(int seed, Step step) {
        FutureTask<Integer> task = new FutureTask<>(() -> {
            Random random = new Random(seed);
            int steps = 0;
            while (System.nanoTime() < end) {
                step.run(random);
                steps++;
            }
            return steps;
        });
        Thread.ofPlatform().daemon().name("repeat-" + seed).start(task);
        return task;
    }

    private static void joinAll(List<FutureTask<Integer>> tasks) throws Exception {
        for (FutureTask<Integer> task : tasks) {
            assertThat(task.get(SECONDS + 20, TimeUnit.SECONDS)).isPositive();
        }
    }

    @Test
    void sessionsChangeWhileEverythingIsFrozenAndUnfrozen() throws Exception {
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        ConcurrentMap<String, OutgoingSession> sessions = new ConcurrentHashMap<>();
        for (int thread = 0; thread < THREADS; thread++) {
            tasks.add(repeat(thread, random -> change(sessions, random)));
        }
        AtomicInteger frozenFiles = new AtomicInteger();
        tasks.add(repeat(99, random -> {
            Frozen frozen = platform.core.outgoing().freeze();
            Contents contents = ImageReader.read(frozen.image());
            assertThat(contents.files()).isEqualTo(frozen.files());
            assertThat(contents.flbs())
                    .allSatisfy(flb -> assertThat(flb.count()).isEqualTo(contents.files()));
            frozenFiles.addAndGet(contents.files());
            platform.journal.clear();
            frozen.unfreeze();
        }));
        joinAll(tasks);
        assertThat(frozenFiles).hasPositiveValue();
        for (OutgoingSession session : sessions.values()) {
            session.close();
        }
        platform.assertHoldsNothing();
    }

    /** One random call on one of six sessions; which errnos are possible depends on what the others do. */
    private void change(ConcurrentMap<String, OutgoingSession> sessions, Random random) throws LuoException {
        String name = "vm" + random.nextInt(6);
        Token token = Token.of(random.nextInt(8));
        OutgoingSession session = sessions.get(name);
        try {
            if (session == null) {
                sessions.put(name, platform.session(name));
            } else if (random.nextInt(20) == 0) {
                sessions.remove(name, session);
                session.close();
            } else if (random.nextBoolean()) {
                platform.preserve(session, "f", token.value());
            } else {
                session.unpreserve(token);
            }
        } catch (LuoException e) {
            assertThat(e.errno()).isIn(Errno.EEXIST, Errno.ENOENT, Errno.EBADF);
        }
    }

    @Test
    void twoCallersThatRetrieveOneSessionNeverBothGetIt() throws Exception {
        int sessions = 2000;
        for (int i = 0; i < sessions; i++) {
            platform.session("vm" + i);
        }
        Platform next = platform.successor("memfd");
        next.flb("hugetlb");
        platform.update(next);
        CyclicBarrier barrier = new CyclicBarrier(2);
        List<FutureTask<Integer>> callers = new ArrayList<>();
        for (int caller = 0; caller < 2; caller++) {
            callers.add(new FutureTask<>(() -> {
                int won = 0;
                for (int i = 0; i < sessions; i++) {
                    barrier.await(10, TimeUnit.SECONDS);
                    won += retrieves(next, "vm" + i) ? 1 : 0;
                }
                return won;
            }));
            Thread.ofPlatform().daemon().start(callers.get(caller));
        }
        assertThat(callers.get(0).get(30, TimeUnit.SECONDS) + callers.get(1).get(30, TimeUnit.SECONDS))
                .isEqualTo(sessions);
    }

    private static boolean retrieves(Platform platform, String name) throws LuoException {
        try {
            platform.retrieve(name);
            return true;
        } catch (LuoException e) {
            assertThat(e.errno()).isEqualTo(Errno.EINVAL);
            return false;
        }
    }

    @Test
    void aSessionIsRetrievedAndClosedByManyAndFinishedOnce() throws Exception {
        platform.session("vm1", "a", "b", "c");
        Platform next = platform.successor();
        next.flb("hugetlb");
        RecordingHandler handler =
                next.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
        platform.update(next);
        handler.refuseFinish("b");
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            tasks.add(repeat(thread, random -> {
                try {
                    IncomingSession session = next.retrieve("vm1");
                    next.fds.close(session.retrieve(Token.of(1 + random.nextInt(3))));
                    session.close();
                } catch (LuoException e) {
                    assertThat(e.errno()).isIn(Errno.EINVAL, Errno.EBUSY);
                    platform.journal.clear();
                }
            }));
        }
        joinAll(tasks);
        handler.refuseFinish();
        next.retrieve("vm1").close();
        next.assertHoldsNothing();
    }

    @Test
    void aHandlerComesAndGoesWhileItsFilesDo() throws Exception {
        AtomicInteger files = new AtomicInteger();
        AtomicInteger objects = new AtomicInteger();
        memfd.on(PRESERVE).runs(files::incrementAndGet);
        memfd.on(UNPRESERVE).runs(files::decrementAndGet);
        hugetlb.on(PRESERVE).runs(objects::incrementAndGet);
        hugetlb.on(UNPRESERVE).runs(objects::decrementAndGet);
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        List<OutgoingSession> sessions = new ArrayList<>();
        for (int thread = 0; thread < THREADS - 1; thread++) {
            OutgoingSession session = platform.session("vm" + thread);
            sessions.add(session);
            tasks.add(repeat(thread, random -> {
                try {
                    platform.preserve(session, "f", 1);
                    session.unpreserve(Token.of(1));
                } catch (LuoException e) {
                    assertThat(e.errno()).isIn(Errno.ENOENT, Errno.EEXIST, Errno.EAGAIN, Errno.ENODEV);
                    unpreserve(session);
                }
            }));
        }
        tasks.add(repeat(99, random -> {
            platform.core.handlers().remove(memfd);
            platform.add(memfd);
            platform.core.flbs().remove(hugetlb);
            platform.add(hugetlb);
            platform.journal.clear();
        }));
        joinAll(tasks);
        for (OutgoingSession session : sessions) {
            session.close();
        }
        platform.assertHoldsNothing();
        assertThat(platform.orchestrator.handlers()).hasSize(1);
        assertThat(files).hasValue(0);
        assertThat(objects).hasValue(0);
    }

    private static void unpreserve(OutgoingSession session) {
        try {
            session.unpreserve(Token.of(1));
        } catch (LuoException e) {
            assertThat(e.errno()).isIn(Errno.ENOENT, Errno.EAGAIN);
        }
    }
}
