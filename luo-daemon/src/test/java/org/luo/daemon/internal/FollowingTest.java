// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LiveUpdateEvent;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.SessionName;
import org.luo.linux.Fds;
import org.luo.spi.PluginState;

/** Clients that follow events through a door. */
@Timeout(60)
class FollowingTest {
    private static final String FOLLOW = "{\"command\":\"events\"}\n";
    private static final String STATE = "{\"command\":\"state\"}\n";

    @TempDir
    private Path dir;

    private Generation platform;
    private AdminDoor door;

    /** Who listens, so that a test can tell what it likes. */
    private final List<LiveUpdateListener> listeners = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() throws LuoException {
        platform = Generation.start();
        door = Scene.door(dir, platform.commands);
        door.open(Optional.empty());
    }

    @AfterEach
    void close() {
        door.close();
    }

    /** A door where only what the test tells happens. */
    private void openQuietly() throws LuoException {
        door.close();
        Orchestration quiet = new Orchestration() {
            @Override
            public Orchestrator orchestrator() {
                return platform.orchestrator;
            }

            @Override
            public Runnable listen(LiveUpdateListener listener) {
                listeners.add(listener);
                return () -> listeners.remove(listener);
            }
        };
        door = Scene.door(dir, new CommandTable(CommandTable.about(quiet)));
        door.open(Optional.empty());
    }

    private void tell(long sequence) {
        LiveUpdateEvent event =
                new LiveUpdateEvent(sequence, sequence, Type.SESSION_CREATED, "vm" + sequence, Map.of());
        listeners.forEach(listener -> listener.happened(event));
    }

    private Client follow() throws Exception {
        Client client = new Client(dir).send(FOLLOW);
        assertThat(client.receive()).startsWith("{\"result\":{\"pid\":");
        return client;
    }

    private static JsonObject event(Client client) throws Exception {
        return JsonParser.parseString(client.receive()).getAsJsonObject().getAsJsonObject("event");
    }

    private static PluginState passed(PluginState state) throws LuoException {
        return PluginState.of(state.data(), Fds.duplicate(state.fds().getFirst()));
    }

    private void awaitListeners(int count) throws InterruptedException {
        for (int round = 0; round < 2_000 && listeners.size() != count; round++) {
            Thread.sleep(5);
        }
        assertThat(listeners).hasSize(count);
    }

    @Test
    void whatHappensIsToldInOrderUntilTheNextRequest() throws Exception {
        try (Client client = follow()) {
            platform.orchestrator.createSession(SessionName.of("vm1")).close();
            platform.orchestrator.prepare();
            platform.orchestrator.cancel();
            List<String> told = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                JsonObject event = event(client);
                assertThat(event.get("sequence").getAsLong()).isEqualTo(i + 1);
                assertThat(event.get("time").getAsLong()).isPositive();
                told.add(event.get("type").getAsString() + " "
                        + event.get("subject").getAsString() + " " + event.get("details"));
            }
            assertThat(told)
                    .containsExactly(
                            "session_created vm1 {}",
                            "session_closed vm1 {\"direction\":\"outgoing\"}",
                            "state_changed  {\"from\":\"normal\",\"to\":\"prepared\"}",
                            "state_changed  {\"from\":\"prepared\",\"to\":\"normal\"}");
            assertThat(client.send(STATE).receive()).contains("\"state\":\"normal\"");
            platform.orchestrator.createSession(SessionName.of("vm2"));
            assertThat(client.send(STATE).receive()).startsWith("{\"result\"");
        }
    }

    @Test
    void onlyWhatIsAskedForIsTold() throws Exception {
        try (Client client = new Client(dir)) {
            client.send("{\"command\":\"events\",\"arguments\":{\"types\":[\"session_closed\"]}}\n");
            client.receive();
            platform.orchestrator.createSession(SessionName.of("vm1")).close();
            assertThat(event(client).get("type").getAsString()).isEqualTo("session_closed");
        }
        try (Client client = new Client(dir)) {
            for (String types : List.of("[\"nonsense\"]", "[7]", "7", "null", "{}")) {
                client.send("{\"command\":\"events\",\"arguments\":{\"types\":" + types + "}}\n");
                assertThat(client.receive()).as(types).contains("EINVAL");
            }
            client.send("{\"command\":\"events\",\"arguments\":{\"since\":7}}\n");
            assertThat(client.receive()).contains("EINVAL");
        }
    }

    @Test
    void nobodyListensWhenNobodyFollows() throws Exception {
        openQuietly();
        try (Client client = follow();
                Client other = follow()) {
            awaitListeners(2);
            assertThat(other.send(STATE).receive()).contains("normal");
            awaitListeners(1);
            tell(1);
            assertThat(event(client).get("subject").getAsString()).isEqualTo("vm1");
        }
        awaitListeners(0);
    }

    @Test
    void whoDoesNotReadLosesEventsAndIsToldHowMany() throws Exception {
        openQuietly();
        int all = 20_000;
        try (Client slow = follow();
                Client other = new Client(dir)) {
            for (int sequence = 1; sequence <= all; sequence++) {
                tell(sequence);
            }
            assertThat(other.send(STATE).receive()).as("others are served").contains("normal");
            long told = 0;
            long lost = 0;
            for (long expected = 1; told + lost < all; ) {
                JsonObject event = event(slow);
                if (event.get("type").getAsString().equals("lost")) {
                    long count = event.getAsJsonObject("details").get("count").getAsLong();
                    lost += count;
                    expected += count;
                } else {
                    assertThat(event.get("sequence").getAsLong()).isEqualTo(expected++);
                    told++;
                }
            }
            assertThat(lost).isPositive();
            assertThat(told).isGreaterThanOrEqualTo(EventQueue.MOST);
            tell(all + 1);
            assertThat(event(slow).get("sequence").getAsLong()).isEqualTo(all + 1);
        }
    }

    @Test
    void aLiveUpdateEndsItOnceEverythingIsSaid() throws Exception {
        openQuietly();
        AdminDoor second = Scene.door(dir, Generation.start().commands);
        try (Client client = follow()) {
            PluginState frozen = passed(door.freeze());
            tell(1);
            second.open(Optional.of(frozen));
            door.close();
            tell(2); // a moment late
            assertThat(event(client).get("subject").getAsString()).isEqualTo("vm1");
            assertThat(event(client).get("subject").getAsString()).isEqualTo("vm2");
            assertThat(client.receive()).contains("ERESTART").contains("follow that one");
            assertThat(client.receive()).isNull();
        }
        try (Client client = follow()) {
            assertThat(client.send(STATE).receive()).contains("normal");
        }
        second.close();
        awaitListeners(0);
    }

    @Test
    void inTheBlackoutNothingIsToldAndAnUpdateThatFailsIsNotNoticed() throws Exception {
        openQuietly();
        try (Client client = follow()) {
            Fds.close(passed(door.freeze()).fds().getFirst());
            tell(1);
            door.unfreeze();
            tell(2);
            assertThat(event(client).get("subject").getAsString()).isEqualTo("vm1");
            assertThat(event(client).get("subject").getAsString()).isEqualTo("vm2");
        }
    }

    @Test
    void thePlatformsEndIsSaid() throws Exception {
        try (Client client = follow()) {
            door.deactivate();
            assertThat(client.receive()).contains("ESHUTDOWN");
            assertThat(client.receive()).isNull();
        }
    }

    @Test
    void noDoorWaitsForWhoFollowsAndDoesNotRead() throws Exception {
        openQuietly();
        try (Client slow = follow()) {
            for (int sequence = 1; sequence <= 20_000; sequence++) {
                tell(sequence);
            }
            long begin = System.nanoTime();
            door.freeze();
            door.close();
            assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(1_000);
            assertThat(slow.receive()).contains("vm1");
        }
        awaitListeners(0);
    }

    @Test
    void thereIsRoomForOthersBesideThoseWhoFollow() throws Exception {
        openQuietly();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < EventsCommand.MOST_FOLLOWERS; i++) {
            clients.add(follow());
        }
        try (Client tooMany = new Client(dir)) {
            assertThat(tooMany.send(FOLLOW).receive()).contains("EAGAIN");
            assertThat(tooMany.send(STATE).receive()).contains("normal");
            clients.removeLast().close();
            awaitListeners(EventsCommand.MOST_FOLLOWERS - 1);
            assertThat(tooMany.send(FOLLOW).receive()).startsWith("{\"result\"");
        }
        for (Client client : clients) {
            client.close();
        }
        awaitListeners(0);
    }

    @Test
    void requestsSentAlongEndItAtOnceAndNoFdIsLeft() throws Exception {
        openQuietly();
        follow().close();
        awaitListeners(0);
        long before = Scene.settledFds();
        for (int round = 0; round < 50; round++) {
            try (Client client = new Client(dir)) {
                client.send(FOLLOW + STATE);
                assertThat(client.receive()).contains("pid");
                assertThat(client.receive()).contains("incoming");
                client.send(FOLLOW);
            }
        }
        awaitListeners(0);
        assertThat(Scene.settledFds()).isEqualTo(before);
    }
}
