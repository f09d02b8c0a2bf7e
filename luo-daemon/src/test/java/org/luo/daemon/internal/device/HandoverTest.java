// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.luo.daemon.internal.device.Wire.CREATE_SESSION;
import static org.luo.daemon.internal.device.Wire.GET_NAME;
import static org.luo.daemon.internal.device.Wire.PRESERVE_FD;
import static org.luo.daemon.internal.device.Wire.file;
import static org.luo.daemon.internal.device.Wire.named;
import static org.luo.daemon.internal.device.Wire.plain;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;
import org.luo.testkit.InMemoryHandover;

/** The device across a live update: two platforms in one process stand for the two generations. */
@Timeout(60)
class HandoverTest {
    @TempDir
    private Path dir;

    private Generation first;
    private Generation second;
    private int memfd;

    @BeforeEach
    void start() throws LuoException {
        first = Generation.start(dir);
        second = first.successor();
        memfd = Memfd.create("kept", 0);
    }

    @AfterEach
    void close() {
        Fds.close(memfd);
        first.close();
        second.close();
    }

    @Test
    void aClientThatIsStillThereRetrievesOverItsOpenDevice() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            UnixSocket session = Wire.create(device, "vm");
            Wire.preserve(session, memfd, 1).ok();
            first.update(second);
            Wire.assertNothingToRead(device);
            try (UnixSocket back = Wire.retrieve(device, "vm")) {
                Wire.assertNothingToRead(back);
                int fd = Wire.retrieve(back, 1).fd();
                assertThat(Stat.of(fd).inode()).isEqualTo(Stat.of(memfd).inode());
                Fds.close(fd);
                assertThat(Wire.tryOpen(dir))
                        .as("the one carried over keeps nobody out")
                        .isZero();
                Wire.call(back, Wire.FINISH, plain(8)).ok();
            }
            Wire.assertGone(session);
            session.close();
        }
    }

    @Test
    void whatIsAskedInTheBlackoutIsAnsweredByTheSuccessor() throws Exception {
        UnixSocket device = Wire.open(dir);
        UnixSocket session = Wire.create(device, "vm");
        Wire.preserve(session, memfd, 1).ok();
        Wire.Call[] calls = new Wire.Call[4];
        UnixSocket[] waiting = new UnixSocket[1];
        first.update(new InMemoryHandover(first.fds, second.core.incoming()).beforeDeserialize(() -> {
            calls[0] = Wire.begin(device, Wire.RETRIEVE_SESSION, 0, named("vm"));
            calls[1] = Wire.begin(device, CREATE_SESSION, 0, named("new"));
            calls[2] = Wire.begin(session, GET_NAME, 0, plain(72));
            calls[3] = Wire.begin(session, PRESERVE_FD, 0, file(2), memfd);
            waiting[0] = Wire.connect(dir);
        }));
        calls[0].await().socket().close();
        calls[1].await().socket().close();
        calls[2].await().refused(Errno.ESTALE);
        calls[3].await().refused(Errno.ESTALE);
        assertThat(Wire.greeting(waiting[0])).isZero();
        Wire.create(waiting[0], "by the one that waited").close();
        waiting[0].close();
        session.close();
        device.close();
    }

    @Test
    void anUpdateThatFailsGoesUnnoticed() throws Exception {
        try (UnixSocket device = Wire.open(dir);
                UnixSocket session = Wire.create(device, "vm")) {
            Wire.Call[] calls = new Wire.Call[3];
            UnixSocket[] waiting = new UnixSocket[1];
            assertThatThrownBy(() -> first.update(new InMemoryHandover(first.fds, second.core.incoming())
                            .beforeDeserialize(() -> {
                                calls[0] = Wire.begin(device, CREATE_SESSION, 0, named("new"));
                                calls[1] = Wire.begin(session, PRESERVE_FD, 0, file(2), memfd);
                                calls[2] = Wire.begin(session, GET_NAME, 0, plain(72));
                                waiting[0] = Wire.connect(dir);
                                throw LuoException.of(Errno.EIO, "told to fail");
                            })))
                    .isInstanceOf(LuoException.class);
            calls[0].await().socket().close();
            calls[1].await().ok();
            calls[2].await().ok();
            assertThat(Wire.greeting(waiting[0])).isEqualTo(Errno.EBUSY.number());
            waiting[0].close();
            first.update(second);
            Wire.retrieve(device, "vm").close();
        }
    }

    @Test
    void requestsWaitUntilThereIsAnOrchestrator() throws Exception {
        first.door.unsetOrchestrator(first.orchestrator);
        UnixSocket waiting = Wire.connect(dir);
        waiting.setReceiveTimeout(100);
        assertThatThrownBy(() -> waiting.receive(new byte[4])).hasMessageContaining("ETIMEDOUT");
        first.door.setOrchestrator(first.orchestrator);
        assertThat(Wire.greeting(waiting)).isZero();
        waiting.close();
    }

    @Test
    void freezingWaitsForTheRequestUnderWay() throws Exception {
        first.sockets.go = new CountDownLatch(1);
        try (UnixSocket device = Wire.open(dir);
                UnixSocket session = Wire.create(device, "vm");
                UnixSocket.Pair file = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            Wire.Call call =
                    Wire.begin(session, PRESERVE_FD, 0, file(1), file.one().fd());
            first.sockets.reached.await(10, TimeUnit.SECONDS);
            Thread releasing = Thread.ofPlatform().start(() -> {
                try {
                    Thread.sleep(200);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                first.sockets.go.countDown();
            });
            PluginState state = first.door.freeze();
            assertThat(state.fds())
                    .as("the listening socket and the open device")
                    .hasSize(2);
            call.await().ok();
            releasing.join();
            Wire.Call queued = Wire.begin(session, GET_NAME, 0, plain(72));
            first.door.unfreeze();
            queued.await().ok();
        }
    }

    @Test
    void freezingGivesUpNamingTheSessionWhoseRequestHangs() throws Exception {
        first.sockets.go = new CountDownLatch(1);
        try (UnixSocket device = Wire.open(dir);
                UnixSocket session = Wire.create(device, "hangs");
                UnixSocket.Pair file = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            Wire.Call call =
                    Wire.begin(session, PRESERVE_FD, 0, file(1), file.one().fd());
            first.sockets.reached.await(10, TimeUnit.SECONDS);
            assertThatThrownBy(first.door::freeze)
                    .isInstanceOf(LuoException.TryAgain.class)
                    .hasMessageContaining("session 'hangs'");
            Wire.create(device, "goes on").close();
            first.sockets.go.countDown();
            call.await().ok();
        }
    }

    @Test
    void aSessionClosedBeforeTheUpdateDoesNotGoOver() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            for (int i = 0; i < 20; i++) {
                Wire.create(device, "closed" + i).close();
            }
            first.door.freeze();
            assertThat(first.orchestrator.sessions()).isEmpty();
            first.door.unfreeze();
        }
    }

    @Test
    void manyUpdatesLeaveNoFdBehind() throws Exception {
        Generation present = first;
        int before = 0;
        for (int number = 0; number < 100; number++) {
            Generation next = present.successor();
            try (UnixSocket device = Wire.open(dir);
                    UnixSocket session = Wire.create(device, "vm")) {
                Wire.preserve(session, memfd, 1).ok();
                present.update(next);
                Wire.retrieve(device, "vm").close();
            }
            present.close();
            present = next;
            assertThat(Wire.tryOpen(dir)).isZero();
            before = number == 20 ? OpenFds.count() : before;
        }
        assertThat(OpenFds.count()).isLessThanOrEqualTo(before + 6);
        present.close();
    }

    @Test
    void moreConnectionsThanGoOverLeaveTheOldestBehind() throws Exception {
        Generation present = first;
        List<UnixSocket> devices = new ArrayList<>();
        for (int number = 0; number < Inherited.MOST + 2; number++) {
            devices.add(Wire.open(dir));
            Generation next = present.successor();
            present.update(next);
            present = next;
        }
        Wire.assertGone(devices.get(0));
        Wire.assertGone(devices.get(1));
        Wire.assertNothingToRead(devices.get(2));
        Wire.create(devices.get(2), "oldest").close();
        devices.forEach(UnixSocket::close);
        present.close();
    }
}
