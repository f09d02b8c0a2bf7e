// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.linux.EventFd;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** A handler hangs in a client's request: the client is told, and the device serves on. */
@Timeout(90)
class HangingPluginTest {
    @TempDir
    private Path dir;

    private final Hanging handler = new Hanging();
    private Generation platform;
    private UnixSocket device;
    private EventFd event;
    private int memory;

    /** Keeps eventfds, but comes back from nothing until it is let go, whoever interrupts it. */
    private static final class Hanging implements FileHandler {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        volatile String in = "preserve";

        private void at(String callback) {
            while (callback.equals(in) && go.getCount() > 0) {
                reached.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    // on it goes
                }
            }
        }

        @Override
        public Compatible compatible() {
            return Compatible.of("hanging-v1");
        }

        @Override
        public Verdict canPreserve(int fd) {
            try {
                return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd))
                                .toString()
                                .contains("eventfd")
                        ? Verdict.yes()
                        : Verdict.no("no eventfd");
            } catch (IOException e) {
                return Verdict.no(e.toString());
            }
        }

        @Override
        public FileIdentity identity(int fd) {
            return new FileIdentity(-1, 1);
        }

        @Override
        public PluginState preserve(int fd) {
            at("preserve");
            return PluginState.of(new byte[0], fd);
        }

        @Override
        public void unpreserve(int fd, PluginState state) {
            at("unpreserve");
        }

        @Override
        public int retrieve(Compatible compatible, PluginState state) {
            return state.fds().getFirst();
        }

        @Override
        public void finish(PluginState state, Retrieval retrieval) {
            // nothing was taken
        }
    }

    @BeforeEach
    void start() throws Exception {
        platform = Generation.start(dir);
        platform.core.callTimeout(Duration.ofMillis(160));
        platform.core.watch();
        platform.add(handler, 9);
        device = Wire.open(dir);
        event = EventFd.create();
        memory = Memfd.create("memory", 0);
    }

    @AfterEach
    void stop() throws Exception {
        handler.go.countDown();
        device.close();
        event.close();
        Fds.close(memory);
        platform.close();
        platform.core.close();
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        for (long end = System.nanoTime() + 20_000_000_000L; !condition.call(); ) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(10);
        }
    }

    @Test
    void theClientIsToldAndItsSessionIsBusyUntilTheCallbackReturns() throws Exception {
        UnixSocket vm1 = Wire.create(device, "vm1");
        Wire.preserve(vm1, event.fd(), 1).refused(Errno.ETIMEDOUT);
        Wire.preserve(vm1, memory, 2).refused(Errno.EBUSY);
        assertThat(Wire.name(vm1)).isEqualTo("vm1");
        try (UnixSocket vm2 = Wire.create(device, "vm2")) {
            Wire.preserve(vm2, memory, 1).ok();
        }
        handler.go.countDown();
        await(
                "what came late is taken back",
                () -> Wire.preserve(vm1, memory, 2).errno() == 0);
        assertThat(platform.orchestrator.files()).hasSize(1);
        Wire.preserve(vm1, event.fd(), 1).ok();
        vm1.close();
        await("the session is closed", () -> platform.orchestrator.sessions().isEmpty());
    }

    @Test
    void aClientThatGoesMeanwhileLeavesNothing() throws Exception {
        UnixSocket vm1 = Wire.create(device, "vm1");
        Wire.Call call = Wire.begin(vm1, Wire.PRESERVE_FD, 0, Wire.file(1), event.fd());
        assertThat(handler.reached.await(10, TimeUnit.SECONDS)).isTrue();
        vm1.close();
        call.await().refused(Errno.ETIMEDOUT);
        handler.go.countDown();
        await("the session is closed", () -> platform.orchestrator.sessions().isEmpty());
        assertThat(platform.orchestrator.files()).isEmpty();
    }

    /** Who is refused because of a session that nobody has any more closes that first, and hangs there. */
    @Test
    void aClientThatOnlyStandsBehindAnothersFileIsToldToo() throws Exception {
        handler.in = "unpreserve";
        UnixSocket vm1 = Wire.create(device, "vm1");
        Wire.preserve(vm1, event.fd(), 1).ok();
        vm1.close();
        int errno = Wire.call(device, Wire.CREATE_SESSION, Wire.named("vm1")).errno();
        assertThat(errno).isIn(Errno.ETIMEDOUT.number(), Errno.EEXIST.number());
        try (UnixSocket vm2 = Wire.create(device, "vm2")) {
            Wire.preserve(vm2, memory, 1).ok();
        }
        handler.go.countDown();
        await("the name is free", () -> {
            Wire.Reply reply = Wire.call(device, Wire.CREATE_SESSION, Wire.named("vm1"));
            if (reply.errno() == 0) {
                reply.socket().close();
            }
            return reply.errno() == 0;
        });
    }
}
