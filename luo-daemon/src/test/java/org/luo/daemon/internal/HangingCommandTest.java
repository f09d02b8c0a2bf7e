// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.CallbackInfo;

/** A plug-in hangs in a command: its client is told, others are served, and what comes late is nobody's answer. */
@Timeout(60)
class HangingCommandTest {
    private static final int MOST = 2;

    @TempDir
    private Path dir;

    private final List<CallbackInfo> callbacks = new CopyOnWriteArrayList<>();
    private final CountDownLatch go = new CountDownLatch(1);
    private AdminDoor door;

    @BeforeEach
    void open() throws Exception {
        CommandTable commands = new CommandTable(
                List.of(Scene.command("who", arguments -> Map.of("name", "first")), Scene.command("hang", arguments -> {
                    long thread = Thread.currentThread().threadId();
                    callbacks.add(new CallbackInfo("preserve", "memfd-v1 of memory [7]", "", 61_000, true, thread));
                    Scene.await(go);
                    return Map.of("name", "late");
                })),
                () -> callbacks);
        door = Scene.door(dir, commands, MOST, 60_000, 60_000);
        door.open(Optional.empty());
    }

    @AfterEach
    void close() {
        go.countDown();
        door.close();
    }

    @Test
    void itsClientIsToldByName() throws Exception {
        try (Client client = new Client(dir)) {
            assertThat(client.ask("hang"))
                    .contains("ETIMEDOUT", "preserve of memfd-v1 of memory [7], under way for 61000 ms, given up");
            go.countDown();
            assertThat(client.receive()).isNull();
        }
    }

    @Test
    void thereIsRoomForOthersHoweverManyHang() throws Exception {
        for (int i = 0; i < 2 * MOST; i += MOST) {
            try (Client one = new Client(dir);
                    Client other = new Client(dir)) {
                one.send("{\"command\":\"hang\"}\n");
                other.send("{\"command\":\"hang\"}\n");
                assertThat(one.receive()).contains("ETIMEDOUT");
                assertThat(other.receive()).contains("ETIMEDOUT");
            }
        }
        try (Client client = new Client(dir)) {
            assertThat(client.ask("who")).contains("first");
        }
    }
}
