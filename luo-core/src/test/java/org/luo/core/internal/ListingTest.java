// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.luo.core.internal.Platform.refused;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.RejectedPlugin;
import org.luo.Token;
import org.luo.spi.FileHandler;
import org.luo.spi.Subsystem.Kind;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** Whoever lists waits for no plug-in, and finds those that were not taken. */
@Timeout(30)
final class ListingTest {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** Lists everything in a thread of its own, which has 5 s. */
    private static void listed(Platform platform) throws Exception {
        start(() -> List.of(
                        platform.orchestrator.sessions(),
                        platform.orchestrator.files(),
                        platform.orchestrator.handlers(),
                        platform.orchestrator.flbs(),
                        platform.orchestrator.subsystems(),
                        platform.orchestrator.rejected(),
                        platform.orchestrator.statistics(),
                        platform.orchestrator.state()))
                .get(5, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(
            value = Callback.class,
            names = {"CAN_PRESERVE", "IDENTITY", "PRESERVE", "UNPRESERVE", "FREEZE"})
    void whileAHandlersCallbackRunsBeforeTheUpdate(Callback callback) throws Exception {
        Platform platform = Platform.serving();
        RecordingHandler memfd = platform.handler("memfd");
        platform.session("vm1", "a");
        memfd.on(callback, 1).waits(reached, go);
        FutureTask<OutgoingSession> call = start(() -> {
            OutgoingSession vm2 = platform.session("vm2", "b");
            vm2.unpreserve(Token.of(1));
            platform.orchestrator.prepare();
            platform.orchestrator.freeze();
            return vm2;
        });
        assertThat(reached.await(5, TimeUnit.SECONDS)).isTrue();
        listed(platform);
        go.countDown();
        call.get(5, TimeUnit.SECONDS);
        listed(platform);
    }

    @ParameterizedTest
    @EnumSource(
            value = Callback.class,
            names = {"RETRIEVE", "IDENTITY", "CAN_FINISH", "FINISH"})
    void whileAHandlersCallbackRunsAfterTheUpdate(Callback callback) throws Exception {
        Platform platform = Platform.serving();
        platform.handler("memfd");
        platform.session("vm1", "a");
        Platform next = platform.successor();
        RecordingHandler memfd = next.handler("memfd");
        platform.update(next);
        memfd.on(callback, 1).waits(reached, go);
        FutureTask<Integer> call = start(() -> {
            IncomingSession vm1 = next.retrieve("vm1");
            int fd = vm1.retrieve(Token.of(1));
            vm1.close();
            return fd;
        });
        assertThat(reached.await(5, TimeUnit.SECONDS)).isTrue();
        listed(next);
        go.countDown();
        call.get(5, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRESERVE", "UNPRESERVE"})
    void whileAnFlbsCallbackRuns(Callback callback) throws Exception {
        Platform platform = Platform.serving();
        RecordingFlb flb = platform.flb("hugetlb");
        platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
        platform.subsystem("bus", Kind.DEVICE);
        flb.on(callback, 1).waits(reached, go);
        FutureTask<OutgoingSession> call = start(() -> {
            OutgoingSession vm1 = platform.session("vm1", "a");
            vm1.close();
            return vm1;
        });
        assertThat(reached.await(5, TimeUnit.SECONDS)).isTrue();
        listed(platform);
        go.countDown();
        call.get(5, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "123456789012345678901234567890123456789012345678", "memfd\tv2", "memfd v2", "memfd\u00e9"})
    void aHandlerWithABadStringIsListedWithTheReasonAndDisturbsNobody(String name) throws Exception {
        Platform platform = Platform.serving();
        platform.handler("memfd");
        FileHandler odd = odd(() -> Compatible.of(name));
        Owner owner = new Owner(7, "org.luo.odd [7]");
        refused(Errno.EIO, () -> platform.core.handlers().add(odd, owner, () -> Registration.of(odd, owner)));
        assertThat(platform.orchestrator.rejected())
                .singleElement()
                .satisfies(rejected -> assertThat(rejected)
                        .extracting(RejectedPlugin::kind, RejectedPlugin::compatible, RejectedPlugin::bundle)
                        .containsExactly("file handler", "", "org.luo.odd [7]"))
                .satisfies(rejected -> assertThat(rejected.reason())
                        .contains("compatible string of " + name.length() + " characters"));
        platform.session("vm1", "a").close();
        platform.core.handlers().remove(odd);
        assertThat(platform.orchestrator.rejected()).isEmpty();
    }

    /** A handler that gets no further than its first constant. */
    private static FileHandler odd(Supplier<Compatible> compatible) {
        return (FileHandler) Proxy.newProxyInstance(
                FileHandler.class.getClassLoader(),
                new Class<?>[] {FileHandler.class},
                (self, method, arguments) -> compatible.get());
    }

    @Test
    void oneWhoseStringIsTakenIsListedUntilItGetsItsTurn() throws Exception {
        Platform platform = Platform.serving();
        RecordingHandler first = platform.handler("memfd");
        RecordingHandler second = new RecordingHandler("second", platform.journal, platform.fds).writing("memfd-v1");
        refused(Errno.EEXIST, () -> platform.add(second));
        assertThat(platform.orchestrator.rejected())
                .extracting(RejectedPlugin::compatible, RejectedPlugin::reason)
                .containsExactly(tuple(
                        "memfd-v1",
                        "register file handler memfd-v1 of org.luo.second [11]: taken by org.luo.memfd [10] [EEXIST]"));
        platform.core.handlers().remove(first);
        assertThat(platform.orchestrator.rejected()).isEmpty();
    }

    @Test
    void whatAPluginSaysIsOnOneLineAndBounded() throws Exception {
        Platform platform = Platform.serving();
        FileHandler odd = odd(() -> {
            throw new IllegalStateException("one\ntwo\u001b[31m" + "x".repeat(10_000));
        });
        Owner owner = new Owner(7, "org.luo.odd [7]");
        refused(Errno.EIO, () -> platform.core.handlers().add(odd, owner, () -> Registration.of(odd, owner)));
        String reason = platform.orchestrator.rejected().getFirst().reason();
        assertThat(reason).contains("one?two?[31mxxx").hasSizeLessThan(500);
        assertThat(reason.chars()).noneMatch(Character::isISOControl);
    }

    @Test
    void oneThatReadsEverythingIsRejected() throws Exception {
        Platform platform = Platform.serving();
        RecordingHandler greedy = new RecordingHandler("greedy", platform.journal, platform.fds);
        greedy.reading(IntStream.range(0, 64).mapToObj(i -> "f" + i).toArray(String[]::new));
        assertThat(refused(Errno.EIO, () -> platform.add(greedy))).hasMessageContaining("at most 63");
    }
}
