// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.daemon.internal.device.DeviceAccess;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.Peer;
import org.luo.linux.Stat;
import org.luo.linux.UnixSocket;

/** Whole rounds with real sockets and cores: asked, preserved, ready, handed over, claimed. */
@Timeout(60)
class AgentTest {
    @TempDir
    private Path dir;

    private Generation platform;
    private int memfd;

    @BeforeEach
    void start() throws LuoException {
        platform = Generation.start(dir);
        memfd = Memfd.create("kept", 0);
    }

    @AfterEach
    void close() {
        Fds.close(memfd);
        platform.close();
    }

    /** Prepares on another thread. */
    private CompletableFuture<Void> prepare() {
        return CompletableFuture.runAsync(() -> {
            try {
                platform.orchestrator.prepare();
            } catch (LuoException e) {
                throw new CompletionException(e);
            }
        });
    }

    /** One subscriber, vm1, has its file preserved under token 1, is ready, and goes. */
    private void prepareOne() throws Exception {
        try (Subscriber subscriber = Subscriber.subscribed(dir, "vm1")) {
            CompletableFuture<Void> preparing = prepare();
            subscriber.event("START_PRESERVATION");
            try (UnixSocket session = subscriber.session()) {
                DeviceAccess.preserve(session, memfd, 1);
            }
            subscriber.send("{\"cmd\":\"READY\"}");
            preparing.get(20, TimeUnit.SECONDS);
        }
    }

    private static String refusal(CompletableFuture<Void> preparing) {
        assertThatThrownBy(() -> preparing.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(LuoException.class);
        return preparing.handle((nothing, e) -> e.getCause().getMessage()).join();
    }

    private void assertNothingIsLeft() {
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        assertThat(platform.orchestrator.sessions()).isEmpty();
        assertThat(platform.orchestrator.files()).isEmpty();
    }

    @Test
    void aSubscribersFilesGoOverAndComeBack() throws Exception {
        try (Subscriber subscriber = Subscriber.subscribed(dir, "vm1")) {
            CompletableFuture<Void> preparing = prepare();
            assertThat(subscriber.event("START_PRESERVATION").get("id").getAsString())
                    .isEqualTo("vm1");
            UnixSocket session = subscriber.session();
            assertThat(DeviceAccess.name(session)).isEqualTo("vm1");
            DeviceAccess.preserve(session, memfd, 7);
            subscriber.send("{\"cmd\":\"READY\"}");
            preparing.get(20, TimeUnit.SECONDS);
            platform = platform.update();
            assertThat(subscriber.line()).as("the connection ends").isNull();
            session.close();
        }
        try (Subscriber back = new Subscriber(dir);
                UnixSocket session = back.claim("vm1")) {
            int fd = DeviceAccess.retrieve(session, 7);
            assertThat(Stat.of(fd).inode()).isEqualTo(Stat.of(memfd).inode());
            Fds.close(fd);
            DeviceAccess.finish(session);
            assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
        }
    }

    @Test
    void updatingAsksByItself() throws Exception {
        try (Subscriber subscriber = Subscriber.subscribed(dir, "vm1")) {
            CompletableFuture<Void> answering = CompletableFuture.runAsync(() -> {
                try {
                    subscriber.event("START_PRESERVATION");
                    DeviceAccess.preserve(subscriber.session(), memfd, 1);
                    subscriber.send("{\"cmd\":\"READY\"}");
                } catch (LuoException e) {
                    throw new CompletionException(e);
                }
            });
            platform = platform.update();
            answering.get(20, TimeUnit.SECONDS);
            assertThat(platform.orchestrator.files()).hasSize(1);
        }
    }

    @Test
    void theOtherNameOfTheEventIsSentToThoseWhoWantIt() throws Exception {
        try (Subscriber subscriber = Subscriber.subscribed(dir, "vm1", "\"event\":\"PRESERVATION_REQUEST\"")) {
            CompletableFuture<Void> preparing = prepare();
            subscriber.event("PRESERVATION_REQUEST");
            subscriber.session().close();
            subscriber.send("{\"cmd\":\"READY\",\"event\":\"PRESERVATION_REQUEST\",\"ack\":true}");
            subscriber.event("DONE");
            preparing.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whoIsNotReadyStopsTheUpdateWithItsReason() throws Exception {
        try (Subscriber ready = Subscriber.subscribed(dir, "vm1");
                Subscriber refusing = Subscriber.subscribed(dir, "vm2")) {
            CompletableFuture<Void> preparing = prepare();
            ready.event("START_PRESERVATION");
            UnixSocket session = ready.session();
            DeviceAccess.preserve(session, memfd, 1);
            ready.send("{\"cmd\":\"READY\",\"id\":\"vm1\"}");
            refusing.event("START_PRESERVATION");
            refusing.send("{\"cmd\":\"NOT_READY\",\"reason\":\"a disk\\u001b[31m is being snapshotted\"}");
            assertThat(refusal(preparing))
                    .contains("subscriber 'vm2'", "not ready: a disk?[31m is being snapshotted", "[EBUSY]");
            ready.event("CANCELLED");
            refusing.event("CANCELLED");
            assertNothingIsLeft();
            DeviceAccess.preserveRefused(session, memfd, 2, Errno.EBADF);
            session.close();
            CompletableFuture<Void> again = prepare();
            for (Subscriber one : List.of(ready, refusing)) {
                if (one == refusing) {
                    one.session().close();
                }
                one.event("START_PRESERVATION");
                one.send("{\"cmd\":\"READY\"}");
            }
            again.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whoIsTooLateIsNamed() throws Exception {
        try (Subscriber late = Subscriber.subscribed(dir, "late", "\"timeout_ms\":50")) {
            assertThat(refusal(prepare())).contains("subscriber 'late'", "after 50 ms", "[ETIMEDOUT]");
            late.event("START_PRESERVATION");
            late.event("CANCELLED");
            late.send("{\"cmd\":\"READY\"}").error("EINVAL");
            assertNothingIsLeft();
        }
    }

    @Test
    void whoDiesBeforeItIsReadyStopsTheUpdateOnce() throws Exception {
        CompletableFuture<Void> preparing;
        try (Subscriber dying = Subscriber.subscribed(dir, "dying")) {
            preparing = prepare();
            dying.event("START_PRESERVATION");
        }
        assertThat(refusal(preparing)).contains("subscriber 'dying'", "went before it was ready", "[ECONNRESET]");
        assertNothingIsLeft();
        platform.orchestrator.prepare();
    }

    @Test
    void whoDiesAfterItIsReadyKeepsItsSession() throws Exception {
        prepareOne();
        platform = platform.update();
        try (Subscriber heir = new Subscriber(dir);
                UnixSocket session = heir.claim("vm1")) {
            Fds.close(DeviceAccess.retrieve(session, 1));
        }
    }

    @Test
    void cancellingTellsThemAndClosesTheirSessions() throws Exception {
        try (Subscriber there = Subscriber.subscribed(dir, "there")) {
            CompletableFuture<Void> preparing = prepare();
            there.event("START_PRESERVATION");
            DeviceAccess.preserve(there.session(), memfd, 1);
            there.send("{\"cmd\":\"READY\"}");
            preparing.get(20, TimeUnit.SECONDS);
            there.send("{\"cmd\":\"UNSUBSCRIBE\"}").error("EBUSY");
            platform.orchestrator.cancel();
            there.event("CANCELLED");
            assertNothingIsLeft();
            there.send("{\"cmd\":\"UNSUBSCRIBE\"}").event("DONE");
        }
        platform.orchestrator.prepare();
    }

    @Test
    void aFreezeThatIsTakenBackCancelsAsWell() throws Exception {
        try (Subscriber there = Subscriber.subscribed(dir, "there")) {
            for (int round = 0; round < 3; round++) {
                CompletableFuture<Void> preparing = prepare();
                there.event("START_PRESERVATION");
                try (UnixSocket session = there.session()) {
                    DeviceAccess.preserve(session, memfd, 1);
                    there.send("{\"cmd\":\"READY\"}");
                    preparing.get(20, TimeUnit.SECONDS);
                    platform.orchestrator.freeze();
                    platform.orchestrator.cancel();
                    there.event("CANCELLED");
                }
                assertNothingIsLeft();
            }
        }
    }

    @Test
    void anUpdateThatFailsTellsThem() throws Exception {
        Generation second = platform.successor();
        try (Subscriber there = Subscriber.subscribed(dir, "there")) {
            CompletableFuture<Void> preparing = prepare();
            there.event("START_PRESERVATION");
            DeviceAccess.preserve(there.session(), memfd, 1);
            there.send("{\"cmd\":\"READY\"}");
            preparing.get(20, TimeUnit.SECONDS);
            assertThatThrownBy(() -> platform.update(platform.to(second).beforeDeserialize(() -> {
                        there.send("{\"cmd\":\"UNSUBSCRIBE\"}");
                        throw LuoException.of(Errno.EIO, "told to fail");
                    })))
                    .hasMessageContaining("told to fail");
            List<String> lines = List.of(there.line().toString(), there.line().toString());
            assertThat(lines).anyMatch(line -> line.contains("CANCELLED"));
        }
        second.close();
    }

    @Test
    void anotherUserMayNotClaimAndRootMay() throws Exception {
        platform.close();
        int[] uid = {1001};
        platform = Generation.start(dir, socket -> new Peer(1, uid[0], 0));
        prepareOne();
        platform = platform.update();
        uid[0] = 1002;
        try (Subscriber stranger = new Subscriber(dir)) {
            stranger.send("{\"cmd\":\"CLAIM\",\"id\":\"vm1\"}").error("EPERM");
            stranger.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"vm1\"}").error("EPERM");
            stranger.send("{\"cmd\":\"RELEASE\",\"id\":\"vm1\"}").error("EPERM");
        }
        uid[0] = 1001;
        try (Subscriber owner = new Subscriber(dir)) {
            owner.claim("vm1").close();
        }
        uid[0] = 0;
        try (Subscriber root = new Subscriber(dir);
                UnixSocket session = root.claim("vm1")) {
            Fds.close(DeviceAccess.retrieve(session, 1));
        }
    }

    @Test
    void aClaimantMayDieAndItsHeirGoesOn() throws Exception {
        prepareOne();
        platform = platform.update();
        try (Subscriber dying = new Subscriber(dir)) {
            dying.send("{\"cmd\":\"CLAIM\",\"id\":\"vm1\"}"); // and reads no answer
        }
        try (Subscriber heir = new Subscriber(dir)) {
            try (UnixSocket session = heir.claim("vm1")) {
                Fds.close(DeviceAccess.retrieve(session, 1));
                assertThatThrownBy(() -> platform.update())
                        .isInstanceOf(LuoException.Busy.class)
                        .hasMessageContaining("vm1");
                DeviceAccess.finish(session);
            }
            heir.send("{\"cmd\":\"CLAIM\",\"id\":\"vm1\"}").error("ENOENT");
        }
        platform = platform.update();
    }

    @Test
    void aReleasedSessionEndsWithItsLastFd() throws Exception {
        prepareOne();
        platform = platform.update();
        try (Subscriber owner = new Subscriber(dir)) {
            owner.send("{\"cmd\":\"RELEASE\",\"id\":\"vm1\"}").error("EINVAL");
            UnixSocket session = owner.claim("vm1");
            owner.send("{\"cmd\":\"RELEASE\",\"id\":\"vm1\"}").event("DONE");
            Fds.close(DeviceAccess.retrieve(session, 1));
            session.close();
            for (int i = 0; i < 1000 && !platform.orchestrator.sessions().isEmpty(); i++) {
                Thread.sleep(10);
            }
            assertThat(platform.orchestrator.sessions()).isEmpty();
        }
    }

    @Test
    void whatNobodyClaimsGoesOnAndStaysItsOwners() throws Exception {
        prepareOne();
        platform = platform.update().update();
        try (Subscriber again = Subscriber.subscribed(dir, "vm1")) {
            platform.orchestrator.finish();
            assertThat(refusal(prepare())).contains("subscriber 'vm1'", "has not claimed", "[EEXIST]");
            try (UnixSocket session = again.claim("vm1")) {
                Fds.close(DeviceAccess.retrieve(session, 1));
                DeviceAccess.finish(session);
            }
            CompletableFuture<Void> preparing = prepare();
            again.event("START_PRESERVATION");
            again.send("{\"cmd\":\"READY\"}");
            preparing.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aNameThatIsTakenIsRefused() throws Exception {
        OutgoingSession other = platform.orchestrator.createSession(SessionName.of("taken"));
        other.preserve(memfd, Token.of(1));
        try (Subscriber first = Subscriber.subscribed(dir, "vm1");
                Subscriber second = new Subscriber(dir)) {
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"taken\"}").error("EEXIST");
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"vm1\"}").error("EEXIST");
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"" + "x".repeat(64) + "\"}")
                    .error("EINVAL");
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"\"}").error("EINVAL");
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"a\\u0000b\"}").error("EINVAL");
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"vm2\",\"timeout_ms\":600001}")
                    .error("EINVAL");
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"vm2\",\"timeout_ms\":0}")
                    .error("EINVAL");
            second.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"vm2\",\"event\":\"x\"}")
                    .error("EINVAL");
            first.send("{\"cmd\":\"SUBSCRIBE\",\"id\":\"vm3\"}").error("EBUSY");
            first.send("{\"cmd\":\"READY\"}").error("EINVAL");
            second.send("{\"cmd\":\"READY\"}").error("ENOENT");
            first.send("{\"cmd\":\"READY\",\"id\":\"vm2\"}").error("ENOENT");
        }
        try (Subscriber restarted = Subscriber.subscribed(dir, "vm1")) {
            restarted.send("{\"cmd\":\"UNSUBSCRIBE\"}").event("DONE");
        }
        other.close();
    }

    @Test
    void aSessionMadeMeanwhileInTheWayIsNamed() throws Exception {
        try (Subscriber subscriber = Subscriber.subscribed(dir, "vm1");
                OutgoingSession other = platform.orchestrator.createSession(SessionName.of("vm1"))) {
            assertThat(refusal(prepare())).contains("'vm1'", "[EEXIST]");
            assertThat(other.name()).isEqualTo(SessionName.of("vm1"));
            subscriber.send("{\"cmd\":\"UNSUBSCRIBE\"}").event("DONE");
        }
    }

    @Test
    void twoHundredSubscribersGoOver() throws Exception {
        List<Subscriber> subscribers = new ArrayList<>();
        List<Integer> memfds = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            subscribers.add(Subscriber.subscribed(dir, "vm" + i));
            memfds.add(Memfd.create("vm" + i, 0));
        }
        CompletableFuture<Void> preparing = prepare();
        for (int i = 0; i < 200; i++) {
            subscribers.get(i).event("START_PRESERVATION");
            try (UnixSocket session = subscribers.get(i).session()) {
                DeviceAccess.preserve(session, memfds.get(i), i);
            }
            subscribers.get(i).send("{\"cmd\":\"READY\"}");
        }
        preparing.get(20, TimeUnit.SECONDS);
        platform = platform.update();
        subscribers.forEach(Subscriber::close);
        for (int i = 0; i < 200; i++) {
            try (Subscriber back = new Subscriber(dir);
                    UnixSocket session = back.claim("vm" + i)) {
                int fd = DeviceAccess.retrieve(session, i);
                assertThat(Stat.of(fd).inode()).isEqualTo(Stat.of(memfds.get(i)).inode());
                Fds.close(fd);
                DeviceAccess.finish(session);
            }
            Fds.close(memfds.get(i));
        }
        assertThat(platform.orchestrator.state()).isEqualTo(LiveUpdateState.NORMAL);
    }
}
