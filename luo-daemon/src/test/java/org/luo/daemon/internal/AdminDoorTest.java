// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;

/** Clients, friendly and not, at an open door. */
@Timeout(60)
class AdminDoorTest {
    @TempDir
    private Path dir;

    private final Scene scene = new Scene();
    private final List<AdminDoor> opened = new ArrayList<>();

    @BeforeEach
    void warmUp() throws Exception {
        // the first use of sockets and of the JDK's own opens fds that stay
        opened.add(Scene.door(dir, scene.commands("warm")));
        opened.getFirst().open(Optional.empty());
        try (Client client = new Client(dir)) {
            client.ask("who");
        }
        opened.getFirst().close();
        opened.clear();
    }

    @AfterEach
    void close() {
        scene.released.countDown();
        opened.forEach(AdminDoor::close);
    }

    private void open() throws LuoException {
        open(Scene.door(dir, scene.commands("first")));
    }

    private void open(AdminDoor door) throws LuoException {
        opened.add(door);
        door.open(Optional.empty());
    }

    @Test
    void answersResultsAndRefusalsInOrder() throws Exception {
        open();
        try (Client client = new Client(dir)) {
            client.send("{\"command\":\"who\",\"arguments\":{}}\n{\"command\":\"refuse\"}\n");
            assertThat(client.receive()).isEqualTo("{\"result\":{\"name\":\"first\"}}");
            assertThat(client.receive())
                    .isEqualTo("{\"error\":{\"errno\":\"EBUSY\",\"number\":16,\"message\":\"in use [EBUSY]\"}}");
        }
    }

    @Test
    void garbageIsAnsweredAndTheConnectionKept() throws Exception {
        open();
        try (Client client = new Client(dir)) {
            for (String garbage : List.of("", "nonsense", "[]", "{", "7", "{\"command\":7}", "{\"command\":\"no\"}")) {
                assertThat(client.send(garbage + "\n").receive()).as(garbage).startsWith("{\"error\":");
            }
            client.send(new byte[] {(byte) 0xff, 0, (byte) 0xc3, '\n'});
            assertThat(client.receive()).contains("EBADMSG").contains("not UTF-8");
            assertThat(client.ask("break")).contains("EIO").contains("a bug");
            assertThat(client.ask("who")).contains("first");
        }
    }

    @Test
    void aLineThatIsTooLongIsSkippedAndTheNextOneServed() throws Exception {
        open();
        try (Client client = new Client(dir)) {
            byte[] tooLong = new byte[3 * LineReader.MAX_LINE];
            Arrays.fill(tooLong, (byte) 'x');
            assertThat(client.send(tooLong).send("\n").receive()).contains("EMSGSIZE");
            String padding = " ".repeat(LineReader.MAX_LINE - 17);
            assertThat(client.send("{\"command\":\"who\"" + padding + "}\n").receive())
                    .contains("first");
            assertThat(client.send("{\"command\":\"who\"" + padding + " }\n").receive())
                    .contains("EMSGSIZE");
            assertThat(client.ask("who")).contains("first");
        }
    }

    @Test
    void aClientThatSaysNothingOrHalfALineIsDropped() throws Exception {
        open(Scene.door(dir, scene.commands("first"), 64, 300, 100));
        try (Client silent = new Client(dir);
                Client half = new Client(dir)) {
            half.send("{\"command\":");
            assertThat(half.receive()).isNull();
            assertThat(silent.receive()).isNull();
        }
    }

    @Test
    void aLineDrippingInIsDroppedAfterItsTime() throws Exception {
        open(Scene.door(dir, scene.commands("first"), 64, 60_000, 300));
        try (Client client = new Client(dir)) {
            long begin = System.nanoTime();
            assertThatThrownBy(() -> {
                        while (System.nanoTime() - begin < 20_000_000_000L) {
                            client.send(" ");
                            Thread.sleep(20);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void theSixtyFifthConnectionIsRefusedUntilAnotherEnds() throws Exception {
        open();
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < AdminDoor.LIMITS.connections(); i++) {
                clients.add(new Client(dir));
                assertThat(clients.getLast().ask("who")).contains("first");
            }
            try (Client tooMany = new Client(dir)) {
                assertThat(tooMany.receive()).contains("EAGAIN").contains("64 connections");
                assertThat(tooMany.receive()).isNull();
            }
            clients.removeLast().close();
            assertThat(askUntilServed()).contains("first");
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    private String askUntilServed() throws Exception {
        String answer = "";
        for (int round = 0; round < 100 && !answer.contains("result"); round++) {
            Thread.sleep(10);
            try (Client client = new Client(dir)) {
                answer = client.ask("who");
            } catch (IOException e) {
                answer = e.toString(); // refused before it had sent
            }
        }
        return answer;
    }

    @Test
    void aClientThatDoesNotReadHarmsNobodyElse() throws Exception {
        open();
        String big = "{\"command\":\"echo\",\"arguments\":{\"x\":\"" + "y".repeat(900_000) + "\"}}\n";
        try (Client deaf = new Client(dir);
                Client other = new Client(dir)) {
            deaf.send(big);
            assertThat(other.ask("who")).contains("first");
            assertThat(deaf.receive()).hasSizeGreaterThan(900_000);
        }
    }

    @Test
    void noFdIsLeftBehindByClientsOfAnyKind() throws Exception {
        long before = Scene.settledFds();
        open();
        for (int round = 0; round < 50; round++) {
            new Client(dir).close();
            try (Client client = new Client(dir)) {
                client.send("{\"comm");
            }
            try (Client client = new Client(dir)) {
                client.send("{\"command\":\"who\"}\n");
            }
            try (Client client = new Client(dir)) {
                client.ask("refuse");
            }
        }
        opened.getLast().close();
        assertThat(Scene.settledFds()).isEqualTo(before);
    }

    @Test
    void onlyTheOwnerMayConnectAndNothingStaysAfterwards() throws Exception {
        open();
        Path socket = dir.resolve(AdminDoor.SOCKET);
        assertThat(Files.getPosixFilePermissions(socket)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        opened.getLast().close();
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void aSocketThatNobodyAnswersIsReplacedAndOneThatIsAnsweredIsNot() throws Exception {
        open();
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE))
                .hasMessageContaining("process " + ProcessHandle.current().pid());
        opened.getFirst().freeze();
        opened.getFirst().close(); // as after a handover: the path stays
        assertThat(dir.resolve(AdminDoor.SOCKET)).exists();
        open();
        try (Client client = new Client(dir)) {
            assertThat(client.ask("who")).contains("first");
        }
    }

    @Test
    void aDirectoryWithoutRoomForTheNameIsRefusedPlainly() {
        Path deep = dir.resolve("x".repeat(120));
        assertThatThrownBy(() -> open(Scene.door(deep, scene.commands("first"))))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENAMETOOLONG));
    }
}
