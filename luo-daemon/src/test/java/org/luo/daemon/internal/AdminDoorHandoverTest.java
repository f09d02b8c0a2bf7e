// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.spi.PluginState;

/** The door across a live update: two doors stand for the two generations. */
@Timeout(60)
class AdminDoorHandoverTest {
    @TempDir
    private Path dir;

    private final Scene scene = new Scene();
    private AdminDoor first;
    private AdminDoor second;

    @BeforeEach
    void open() throws LuoException {
        first = Scene.door(dir, scene.commands("first"));
        second = Scene.door(dir, scene.commands("second"));
        first.open(Optional.empty());
    }

    /** As it arrives in the successor: other fds of the same sockets. */
    private static PluginState passed(PluginState state) throws LuoException {
        return PluginState.of(state.data(), Fds.duplicate(state.fds().getFirst()));
    }

    @Test
    void whoeverConnectsInTheBlackoutIsServedByTheSuccessor() throws Exception {
        PluginState frozen = passed(first.freeze());
        try (Client client = new Client(dir)) {
            client.send("{\"command\":\"who\"}\n");
            second.open(Optional.of(frozen));
            first.close();
            assertThat(client.receive()).contains("second");
        }
        try (Client client = new Client(dir)) {
            assertThat(client.ask("who")).contains("second");
        }
        second.close();
    }

    @Test
    void anUpdateThatFailsGoesUnnoticed() throws Exception {
        try (Client before = new Client(dir)) {
            assertThat(before.ask("who")).contains("first");
            Fds.close(passed(first.freeze()).fds().getFirst());
            before.send("{\"command\":\"who\"}\n");
            try (Client during = new Client(dir)) {
                during.send("{\"command\":\"who\"}\n");
                first.unfreeze();
                assertThat(before.receive()).contains("first");
                assertThat(during.receive()).contains("first");
            }
        }
        first.close();
    }

    @Test
    void anOldConnectionIsToldToAskAgain() throws Exception {
        try (Client idle = new Client(dir);
                Client asking = new Client(dir)) {
            idle.ask("who");
            asking.ask("who");
            PluginState frozen = passed(first.freeze());
            asking.send("{\"command\":\"who\"}\n");
            second.open(Optional.of(frozen));
            first.close();
            assertThat(asking.receive()).contains("ERESTART");
            assertThat(asking.receive()).isNull();
            assertThat(idle.receive()).isNull();
        }
        second.close();
    }

    @Test
    void theAnswerOfWhatIsBeingServedStillGetsOut() throws Exception {
        try (Client client = new Client(dir)) {
            client.send("{\"command\":\"slow\"}\n");
            Scene.await(scene.entered);
            second.open(Optional.of(passed(first.freeze())));
            CompletableFuture<Void> closing = CompletableFuture.runAsync(first::close);
            assertThatThrownBy(() -> closing.get(200, TimeUnit.MILLISECONDS))
                    .as("it waits for the answer")
                    .isInstanceOf(TimeoutException.class);
            scene.released.countDown();
            assertThat(client.receive()).contains("first");
            closing.get(5, TimeUnit.SECONDS);
            assertThat(client.receive()).isNull();
        }
        second.close();
    }

    @Test
    void closingWaitsTwoSecondsForASlowAnswerAndNoMore() throws Exception {
        try (Client client = new Client(dir)) {
            client.send("{\"command\":\"slow\"}\n");
            Scene.await(scene.entered);
            long begin = System.nanoTime();
            first.close();
            assertThat((System.nanoTime() - begin) / 1_000_000).isBetween(1_900L, 4_000L);
            scene.released.countDown();
            assertThat(client.receive()).contains("first");
        }
    }

    @Test
    void aCommandMayCloseTheDoorItCameThrough() throws Exception {
        AtomicReference<AdminDoor> own = new AtomicReference<>(first);
        first.close();
        AdminDoor door = Scene.door(dir, new CommandTable(List.of(Scene.command("close", arguments -> {
            own.get().close();
            return Map.of("closed", true);
        }))));
        own.set(door);
        door.open(Optional.empty());
        try (Client client = new Client(dir)) {
            long begin = System.nanoTime();
            assertThat(client.ask("close")).contains("true");
            assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(1_000);
        }
    }

    @Test
    void freezingDoesNotWaitForWhatIsBeingServed() throws Exception {
        try (Client client = new Client(dir)) {
            client.send("{\"command\":\"slow\"}\n");
            Scene.await(scene.entered);
            long begin = System.nanoTime();
            first.freeze();
            first.unfreeze();
            assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(500);
            scene.released.countDown();
            assertThat(client.receive()).contains("first");
        }
        first.close();
    }

    @Test
    void aThousandUpdatesLeaveNoFdBehind() throws Exception {
        AdminDoor present = first;
        long before = Scene.settledFds();
        for (int number = 0; number < 1_000; number++) {
            AdminDoor next = Scene.door(dir, scene.commands("n" + number));
            next.open(Optional.of(passed(present.freeze())));
            present.close();
            present = next;
        }
        assertThat(Scene.settledFds()).isEqualTo(before);
        try (Client client = new Client(dir)) {
            assertThat(client.ask("who")).contains("n999");
        }
        present.close();
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void whatIsNoSocketIsNotInheritedAndIsClosed() throws Exception {
        first.close();
        int fd = Memfd.create("no-socket", 0);
        assertThatThrownBy(() -> second.open(Optional.of(PluginState.of(new byte[0], fd))))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOTSOCK));
        assertThat(Fds.isOpen(fd)).isFalse();
        assertThatThrownBy(() -> second.open(Optional.of(PluginState.empty()))).isInstanceOf(LuoException.class);
    }
}
