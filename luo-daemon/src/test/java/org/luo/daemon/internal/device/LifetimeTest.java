// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/** How long the open device and sessions live: as long as any copy of their fds, and not a moment longer. */
@Timeout(120)
class LifetimeTest {
    /** How many sessions are created one after the other; 100,000 take about a minute. */
    private static final int SESSIONS = Integer.getInteger("luo.test.sessions", 10_000);

    private static final String CLIENT = """
        import array, os, socket, struct, sys, time
        device = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        device.connect(sys.argv[1])
        assert device.recv(4) == bytes(4)
        def ioctl(target, cmd, argument, *files):
            mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            socket.send_fds(target, [struct.pack('=II', cmd, 0) + argument], [theirs.fileno(), *files])
            theirs.close()
            answer, fds, _, _ = socket.recv_fds(mine, 200, 1)
            assert answer[:4] == bytes(4), answer
            return fds
        device.send(b'') # which is neither a request nor the end
        session = socket.socket(fileno=ioctl(device, 0xBA00, struct.pack('=Ii64s', 72, 0, b'childs'))[0])
        session.send(b'')
        ioctl(session, 0xBA40, struct.pack('=IiQ', 16, 0, 1), os.memfd_create('c'))
        print('ready', flush=True)
        time.sleep(60)
        """;

    @TempDir
    private Path dir;

    private Generation generation;
    private int memfd;

    @BeforeEach
    void start() throws LuoException {
        generation = Generation.start(dir);
        memfd = Memfd.create("kept", 0);
    }

    @AfterEach
    void close() {
        Fds.close(memfd);
        generation.close();
    }

    private List<String> sessions() {
        return generation.orchestrator.sessions().stream()
                .map(SessionInfo::name)
                .map(SessionName::toString)
                .toList();
    }

    @Test
    void onlyOneClientHasTheDeviceOpenUntilTheLastCopyIsClosed() throws Exception {
        UnixSocket device = Wire.open(dir);
        assertThat(Wire.tryOpen(dir)).isEqualTo(Errno.EBUSY.number());
        int copy = Fds.duplicate(device.fd());
        device.close();
        assertThat(Wire.tryOpen(dir)).isEqualTo(Errno.EBUSY.number());
        Fds.close(copy);
        assertThat(Wire.tryOpen(dir)).isZero();
    }

    @Test
    void readingReturnsAtOnceAndHangsNobodyUp() throws Exception {
        try (UnixSocket device = Wire.open(dir);
                UnixSocket session = Wire.create(device, "read")) {
            var another = generation.orchestrator.createSession(SessionName.of("made for a client"));
            try (UnixSocket given = UnixSocket.adopt(generation.door.open(another))) {
                for (UnixSocket socket : List.of(device, session, given)) {
                    Wire.assertNothingToRead(socket);
                }
                assertThat(Wire.name(given)).isEqualTo("made for a client");
            }
            assertThat(Wire.tryOpen(dir)).isEqualTo(Errno.EBUSY.number());
            assertThat(Wire.name(session)).isEqualTo("read");
        }
    }

    @Test
    void theDeviceCanBeOpenedAgainAtOnceAThousandTimes() throws Exception {
        for (int round = 0; round < 1_000; round++) {
            Wire.open(dir).close();
        }
    }

    @Test
    void closingTheDeviceDoesNotTouchSessions() throws Exception {
        UnixSocket device = Wire.open(dir);
        try (UnixSocket session = Wire.create(device, "stays")) {
            device.close();
            assertThat(Wire.name(session)).isEqualTo("stays");
            assertThat(sessions()).containsExactly("stays");
        }
    }

    @Test
    void aNameIsFreeAgainAtOnceTenThousandTimes() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            for (int round = 0; round < 10_000; round++) {
                Wire.create(device, "same").close();
            }
        }
    }

    @Test
    void aSessionThatIsClosedAsSoonAsItIsCreatedIsSettled() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            for (int round = 0; round < 10_000; round++) {
                Wire.create(device, "short").close();
                generation.door.settle();
                assertThat(sessions()).isEmpty();
            }
        }
    }

    @Test
    void aFileIsFreeAgainAtOnceWhenItsSessionIsClosed() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            UnixSocket session = Wire.create(device, "a");
            for (int round = 0; round < 1_000; round++) {
                Wire.preserve(session, memfd, 7).ok();
                UnixSocket next = Wire.create(device, round % 2 == 0 ? "b" : "a");
                session.close();
                session = next;
            }
            session.close();
        }
    }

    @Test
    void copiesKeepASessionAliveWhereverTheyAre() throws Exception {
        try (UnixSocket device = Wire.open(dir);
                UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            UnixSocket session = Wire.create(device, "passed");
            Wire.preserve(session, memfd, 1).ok();
            int copy = Fds.duplicate(session.fd());
            session.close();
            pair.one().send(new byte[1], copy);
            Fds.close(copy);
            Wire.call(device, Wire.CREATE_SESSION, Wire.named("passed")).refused(Errno.EEXIST);
            Received received = pair.other().receive(new byte[1]);
            try (UnixSocket arrived = UnixSocket.adopt(received.fds()[0])) {
                Wire.preserve(arrived, memfd, 1).refused(Errno.EEXIST);
            }
            try (UnixSocket again = Wire.create(device, "passed")) {
                Wire.preserve(again, memfd, 1).ok();
            }
        }
    }

    @Test
    void aSessionWhoseOnlyCopyIsLostOnItsWayIsClosed() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            UnixSocket session = Wire.create(device, "lost");
            UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
            pair.one().send(new byte[1], session.fd());
            session.close();
            pair.close();
            Wire.create(device, "lost").close();
        }
    }

    @Test
    void aSessionWhoseClientCannotBeToldIsUndone() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            Wire.begin(device, Wire.CREATE_SESSION, 0, Wire.named("unheard"))
                    .reply()
                    .close();
            Wire.create(device, "unheard").close();
        }
    }

    /** Starts a client in a process of its own, which has the device open and keeps a memfd in session "childs". */
    private Process child() throws IOException {
        Process child;
        try {
            child = new ProcessBuilder(
                            "python3",
                            "-c",
                            CLIENT,
                            dir.resolve(DeviceDoor.SOCKET).toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "needs python3: " + e.getMessage());
            throw e;
        }
        BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
        assertThat(out.readLine()).isEqualTo("ready");
        return child;
    }

    @Test
    void whatAKilledClientHadIsFreeAtOnce() throws Exception {
        for (int round = 0; round < 5; round++) {
            Process child = child();
            assertThat(Wire.tryOpen(dir)).isEqualTo(Errno.EBUSY.number());
            assertThat(generation.orchestrator.files()).hasSize(1);
            child.destroyForcibly();
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            try (UnixSocket device = Wire.open(dir)) {
                Wire.create(device, "childs").close();
            }
            assertThat(generation.orchestrator.files()).isEmpty();
        }
    }

    @Test
    void manySessionsOneAfterTheOtherLeaveNothingBehind() throws Exception {
        try (UnixSocket device = Wire.open(dir)) {
            for (int number = 0; number < 1_000; number++) {
                cycle(device, number);
            }
            int fds = OpenFds.count();
            long heap = usedHeap();
            for (int number = 0; number < SESSIONS; number++) {
                cycle(device, number);
            }
            Wire.call(device, Wire.RETRIEVE_SESSION, Wire.named("settles what was closed"))
                    .refused(Errno.ENOENT);
            assertThat(OpenFds.count()).isLessThanOrEqualTo(fds + 2);
            assertThat(usedHeap() - heap).isLessThan(2 << 20);
        }
        assertThat(sessions()).isEmpty();
    }

    private void cycle(UnixSocket device, int number) throws LuoException {
        try (UnixSocket session = Wire.create(device, "n" + number)) {
            Wire.preserve(session, memfd, number).ok();
        }
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void whoeverKeepsAnFdMadeForASessionKeepsTheSession() throws Exception {
        var session = generation.orchestrator.createSession(SessionName.of("kept for a client"));
        int fd = generation.door.open(session);
        assertThat(Fds.isCloexec(fd)).isTrue();
        UnixSocket kept = UnixSocket.adopt(fd);
        try (UnixSocket given = UnixSocket.adopt(Fds.duplicate(fd))) {
            Wire.preserve(given, memfd, 1).ok();
        }
        assertThat(Wire.name(kept)).isEqualTo("kept for a client");
        assertThat(generation.orchestrator.files()).hasSize(1);
        kept.close();
        try (UnixSocket device = Wire.open(dir)) {
            Wire.create(device, "kept for a client").close();
        }
    }

    @Test
    void aSessionThatCannotBeClosedYetIsClosedWhenItsHandlerIsBack() throws Exception {
        try (UnixSocket device = Wire.open(dir);
                UnixSocket.Pair file = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            UnixSocket session = Wire.create(device, "orphaned");
            Wire.preserve(session, file.one().fd(), 1).ok();
            generation.core.handlers().remove(generation.sockets);
            session.close();
            Wire.call(device, Wire.CREATE_SESSION, Wire.named("orphaned")).refused(Errno.EEXIST);
            assertThat(generation.orchestrator.files()).hasSize(1);
            generation.add(generation.sockets, 3);
            Wire.create(device, "orphaned").close();
            assertThat(generation.orchestrator.files()).isEmpty();
        }
    }

    @Test
    void onlyTheOwnerMayConnectAndNothingStaysAfterwards() throws Exception {
        Path socket = dir.resolve(DeviceDoor.SOCKET);
        assertThat(Files.getPosixFilePermissions(socket)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (UnixSocket device = Wire.open(dir);
                UnixSocket session = Wire.create(device, "open")) {
            Wire.preserve(session, memfd, 1).ok();
            generation.close();
            assertThat(sessions()).isEmpty();
            Wire.assertGone(session);
        }
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void aDeviceThatIsSwitchedOffCannotBeOpened() throws Exception {
        generation.close();
        DeviceDoor off = new DeviceDoor(dir, false);
        off.open(Optional.empty());
        off.setOrchestrator(generation.orchestrator);
        assertThat(Wire.tryOpen(dir)).isEqualTo(Errno.EOPNOTSUPP.number());
        off.close();
    }
}
