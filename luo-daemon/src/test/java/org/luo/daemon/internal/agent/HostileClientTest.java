// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.LuoException;
import org.luo.daemon.internal.device.DeviceAccess;
import org.luo.daemon.internal.device.DeviceDoor;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Peer;
import org.luo.linux.UnixSocket;

/** Clients that send what they should not, or do not read: they harm themselves only, and leave nothing behind. */
@Timeout(60)
class HostileClientTest {
    @TempDir
    private Path dir;

    private Generation platform;

    @BeforeEach
    void start() throws LuoException {
        platform = Generation.start(dir);
    }

    @AfterEach
    void close() {
        platform.close();
    }

    private static long openFds() throws Exception {
        try (var fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }

    private static void assertFds(long expected) throws Exception {
        for (int round = 0; round < 500 && openFds() > expected; round++) {
            Thread.sleep(10);
        }
        assertThat(openFds()).isLessThanOrEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "x",
                "{\"cmd\":\"SUBSCRIBE\"",
                "{\"cmd\":1}",
                "{\"id\":\"vm1\"}",
                "{\"cmd\":\"DANCE\"}",
                "{\"cmd\":\"SUBSCRIBE\"}",
                "{\"cmd\":\"SUBSCRIBE\",\"id\":7}",
                "{\"cmd\":\"SUBSCRIBE\",\"id\":\"a\",\"timeout_ms\":1.5}",
                "{\"cmd\":\"SUBSCRIBE\",\"id\":\"a\",\"timeout_ms\":1e99}",
                "{\"cmd\":\"SUBSCRIBE\",\"id\":\"a\",\"event\":[]}",
                "{\"cmd\":\"NOT_READY\",\"reason\":{}}",
                "{\"cmd\":\"CLAIM\",\"id\":\"unknown\"}",
                "{\"cmd\":\"RELEASE\",\"id\":\"unknown\"}",
                "{\"cmd\":\"UNSUBSCRIBE\"}",
            })
    void whatIsWrongIsAnsweredAndTheConnectionKept(String line) throws Exception {
        try (Subscriber client = new Subscriber(dir)) {
            client.send(line);
            assertThat(client.line().has("error")).isTrue();
            client.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"fine\",\"ack\":true,\"unknown\":{}}")
                    .event("DONE");
        }
    }

    @Test
    void bytesThatAreNoTextAreAnswered() throws Exception {
        try (Subscriber client = new Subscriber(dir)) {
            client.raw(new byte[] {(byte) 0xff, (byte) 0xfe, '\n'}).error("EBADMSG");
        }
    }

    @Test
    void aLineThatIsTooLongIsSkipped() throws Exception {
        try (Subscriber client = new Subscriber(dir)) {
            client.send("x".repeat(1_000_000)).error("EMSGSIZE");
            client.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"" + "x".repeat(Connection.MAX_LINE))
                    .error("EMSGSIZE");
            client.send("{}").error("EINVAL");
        }
    }

    @Test
    void halfALineHoldsNobodyUp() throws Exception {
        try (Subscriber half = new Subscriber(dir)) {
            half.raw("{\"cmd\":".getBytes(StandardCharsets.UTF_8));
            Subscriber.subscribed(dir, "vm1").close();
            half.send("\"SUBSCRIBE\",\"id\":\"half\",\"ack\":true}").event("DONE");
        }
    }

    @Test
    void whoNeverReadsIsDropped() throws Exception {
        try (Subscriber deaf = new Subscriber(dir)) {
            byte[] lines = "x\n".repeat(2_000).getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10_000; i++) {
                            deaf.raw(lines);
                        }
                    })
                    .isInstanceOf(LuoException.class);
            Subscriber.subscribed(dir, "vm1").close();
        }
    }

    @Test
    void fdsThatComeAlongAreClosed() throws Exception {
        int memfd = Memfd.create("unwanted", 0);
        try (Subscriber client = Subscriber.subscribed(dir, "vm1")) {
            long before = openFds();
            for (int i = 0; i < 50; i++) {
                client.raw("{}\n".getBytes(StandardCharsets.UTF_8), memfd, memfd, memfd)
                        .error("EINVAL");
            }
            assertFds(before);
        }
        Fds.close(memfd);
    }

    @Test
    void roundsThatFailLeaveNoFdBehind() throws Exception {
        try (Subscriber hasty = Subscriber.subscribed(dir, "hasty", "\"timeout_ms\":1")) {
            long before = 0;
            for (int round = 0; round < 60; round++) {
                assertThatThrownBy(platform.orchestrator::prepare).hasMessageContaining("'hasty'");
                hasty.event("START_PRESERVATION");
                hasty.session().close();
                hasty.event("CANCELLED");
                before = round == 10 ? openFds() : before;
            }
            assertFds(before + 2);
        }
    }

    @Test
    void manyUpdatesLeaveNoFdBehind() throws Exception {
        int memfd = Memfd.create("kept", 0);
        long before = 0;
        for (int round = 0; round < 40; round++) {
            try (Subscriber subscriber = Subscriber.subscribed(dir, "vm")) {
                Thread answering = Thread.ofPlatform().start(() -> {
                    try {
                        subscriber.event("START_PRESERVATION");
                        try (UnixSocket session = subscriber.session()) {
                            DeviceAccess.preserve(session, memfd, 1);
                        }
                        subscriber.send("{\"cmd\":\"READY\"}");
                    } catch (LuoException e) {
                        throw new AssertionError(e);
                    }
                });
                platform = platform.update();
                answering.join();
            }
            try (Subscriber back = new Subscriber(dir);
                    UnixSocket session = back.claim("vm")) {
                DeviceAccess.finish(session);
            }
            before = round == 10 ? openFds() : before;
        }
        assertFds(before + 4);
        Fds.close(memfd);
    }

    @Test
    void manyClientsComeAndGo() throws Exception {
        long before = openFds();
        List<Subscriber> all = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            all.add(Subscriber.subscribed(dir, "vm" + i % 300 + "-" + i / 300));
        }
        all.forEach(Subscriber::close);
        assertFds(before);
        Subscriber.subscribed(dir, "vm0-0").close();
    }

    @Test
    void oneUserCannotTakeAllPlaces() throws Exception {
        platform.close();
        platform = Generation.start(dir, socket -> new Peer(1, 1001, 0));
        List<Subscriber> all = new ArrayList<>();
        for (int i = 0; i < Server.MOST_OF_ONE; i++) {
            all.add(Subscriber.subscribed(dir, "vm" + i));
        }
        try (Subscriber tooMuch = new Subscriber(dir)) {
            tooMuch.error("EUSERS");
            assertThat(tooMuch.line()).isNull();
        }
        all.forEach(Subscriber::close);
    }

    @Test
    void switchedOffEverythingIsRefused() throws Exception {
        platform.close();
        DeviceDoor device = DeviceAccess.door(dir);
        AgentDoor off =
                new AgentDoor(dir.resolve(AgentDoor.SOCKET), AgentDoor.mode("0666"), false, device, UnixSocket::peer);
        off.setOrchestrator(platform.orchestrator);
        off.open(Optional.empty());
        try (Subscriber client = new Subscriber(dir)) {
            client.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"vm1\"}").error("EOPNOTSUPP");
        }
        assertThat(Files.getPosixFilePermissions(dir.resolve(AgentDoor.SOCKET))).hasSize(6);
        off.close();
        assertThat(dir.resolve(AgentDoor.SOCKET)).doesNotExist();
        assertThatThrownBy(() -> AgentDoor.mode("8")).hasMessageContaining("EINVAL");
    }
}
