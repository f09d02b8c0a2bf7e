// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.daemon.internal.device.Wire.GET_NAME;
import static org.luo.daemon.internal.device.Wire.PRESERVE_FD;
import static org.luo.daemon.internal.device.Wire.file;
import static org.luo.daemon.internal.device.Wire.plain;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
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
import org.luo.linux.UnixSocket;

/** Clients that do harm harm themselves only. */
@Timeout(120)
class HostileClientTest {
    @TempDir
    private Path dir;

    private Generation generation;
    private UnixSocket device;
    private UnixSocket session;
    private UnixSocket other;
    private int memfd;
    private List<String> before;

    @BeforeEach
    void start() throws LuoException {
        generation = Generation.start(dir);
        memfd = Memfd.create("kept", 0);
        device = Wire.open(dir);
        session = Wire.create(device, "hostile");
        other = Wire.create(device, "friendly");
        before = OpenFds.list();
    }

    /** Everything is as before: the other client is served, and nobody's fd has stayed here. */
    @AfterEach
    void close() throws Exception {
        try {
            assertThat(Wire.name(other)).isEqualTo("friendly");
            Wire.call(device, Wire.RETRIEVE_SESSION, Wire.named("settles what was closed"))
                    .refused(Errno.ENOENT);
            OpenFds.assertNothingBut(before);
        } finally {
            List.of(device, session, other).forEach(UnixSocket::close);
            Fds.close(memfd);
            generation.close();
        }
    }

    private int[] memfds(int count) {
        int[] fds = new int[count];
        Arrays.fill(fds, memfd);
        return fds;
    }

    @Test
    void whatIsNoRequestIsDroppedWithItsFdsAndTheConnectionKept() throws Exception {
        byte[] good = Wire.message(GET_NAME, 0, plain(72));
        try (UnixSocket.Pair reply = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            int socket = reply.other().fd();
            for (UnixSocket target : List.of(session, device)) {
                target.send(good);
                target.send(new byte[1], socket);
                target.send(new byte[7], socket);
                target.send(new byte[81], socket);
                target.send(new byte[4096], socket);
                target.send(good, socket, memfd, memfd);
                target.send(good, memfds(253));
                target.send(good, memfd);
                target.send(good, memfd, memfd);
            }
        }
        assertThat(Wire.name(session)).isEqualTo("hostile");
    }

    @Test
    void randomMessagesAreAnsweredOrDropped() throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 5_000; round++) {
            byte[] message = new byte[random.nextInt(1, 90)];
            random.nextBytes(message);
            if (message.length > 16 && random.nextBoolean()) {
                int cmd = random.nextBoolean() ? random.nextInt(0x40, 0x44) : random.nextInt(2);
                Wire.little(message)
                        .putInt(0xBA00 | cmd)
                        .putInt(random.nextInt(8))
                        .putInt(random.nextInt(80));
            }
            UnixSocket target = random.nextBoolean() ? session : device;
            try (UnixSocket.Pair reply = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
                int[] fds = {reply.other().fd(), memfd, memfd};
                target.send(message, Arrays.copyOf(fds, random.nextInt(4)));
                reply.other().close();
                reply.one().setReceiveTimeout(20_000);
                reply.one().receive(new byte[100]).closeFds();
            }
        }
    }

    @Test
    void repliesThatGoInCirclesEnd() throws Exception {
        session.send(Wire.message(GET_NAME, 0, plain(72)), session.fd());
        device.send(Wire.message(Wire.CREATE_SESSION, 0, Wire.named("circle")), device.fd());
        Wire.call(device, Wire.RETRIEVE_SESSION, Wire.named("behind it")).refused(Errno.ENOENT);
        Wire.create(device, "circle").close();
    }

    @Test
    void aClientThatNeverReadsIsServedAllTheSame() throws Exception {
        List<Wire.Call> unread = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            unread.add(Wire.begin(session, GET_NAME, 0, plain(72)));
        }
        assertThat(Wire.name(other)).isEqualTo("friendly");
        try (UnixSocket.Pair full = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            for (int i = 0; i < 2_000; i++) {
                session.send(Wire.message(GET_NAME, 0, plain(72)), full.other().fd());
            }
            assertThat(Wire.name(session)).isEqualTo("hostile");
        }
        for (Wire.Call call : unread) {
            call.await().ok();
        }
    }

    @Test
    void aRequestWhoseHandlerBlocksHoldsUpItsOwnSessionOnly() throws Exception {
        generation.sockets.go = new CountDownLatch(1);
        List<UnixSocket> sessions = new ArrayList<>();
        List<UnixSocket.Pair> files = new ArrayList<>();
        List<Wire.Call> calls = new ArrayList<>();
        for (int i = 0; i < Workers.MOST - 2; i++) {
            sessions.add(Wire.create(device, "blocked" + i));
            files.add(UnixSocket.pair(UnixSocket.Type.STREAM));
            calls.add(Wire.begin(
                    sessions.getLast(),
                    PRESERVE_FD,
                    0,
                    file(1),
                    files.getLast().one().fd()));
            assertThat(Wire.name(other)).isEqualTo("friendly");
        }
        generation.sockets.reached.await(10, TimeUnit.SECONDS);
        assertThat(Wire.name(other)).isEqualTo("friendly");
        generation.sockets.go.countDown();
        for (Wire.Call call : calls) {
            call.await().ok();
        }
        sessions.forEach(UnixSocket::close);
        files.forEach(UnixSocket.Pair::close);
    }

    @Test
    void thousandsOfConnectionsAreToldThatTheDeviceIsBusy() throws Exception {
        List<UnixSocket> clients = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            clients.add(Wire.connect(dir));
            if (i % 100 == 0) {
                assertThat(Wire.name(other)).isEqualTo("friendly");
            }
        }
        for (UnixSocket client : clients) {
            assertThat(Wire.greeting(client)).isEqualTo(Errno.EBUSY.number());
            assertThat(client.receive(new byte[1]).eof()).isTrue();
            client.close();
        }
    }

    @Test
    void thousandsOfSessionsNeedNeitherThreadsNorMuchMemory() throws Exception {
        int many = (int) Math.min(10_000, (Fds.rlimitNofile().soft() - before.size()) / 2 - 100);
        List<UnixSocket> sessions = new ArrayList<>();
        System.gc();
        long memory = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        for (int i = 0; i < many; i++) {
            sessions.add(Wire.create(device, "s" + i));
        }
        System.gc();
        long grown = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory() - memory;
        assertThat(grown).isLessThan(many * 2_000L);
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("luo-device")))
                .hasSizeLessThanOrEqualTo(8);
        for (int i = 0; i < many; i += 97) {
            assertThat(Wire.name(sessions.get(i))).isEqualTo("s" + i);
        }
        sessions.forEach(UnixSocket::close);
        try (UnixSocket again = Wire.create(device, "s" + (many - 1))) {
            assertThat(Wire.name(again)).isEqualTo("s" + (many - 1));
            awaitSessions(3);
        }
    }

    /** What is closed goes at once for whoever asks for it; the rest of it goes in its own time. */
    private void awaitSessions(int count) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (generation.orchestrator.sessions().size() != count && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
        assertThat(generation.orchestrator.sessions()).hasSize(count);
    }
}
