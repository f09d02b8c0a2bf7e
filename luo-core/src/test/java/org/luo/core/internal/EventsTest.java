// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LiveUpdateEvent;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateListener;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.testkit.RecordingHandler;

/** What listeners are told, and in which order. */
final class EventsTest {
    /** Keeps what it is told. */
    private static final class Recorder implements LiveUpdateListener {
        final List<LiveUpdateEvent> events = new CopyOnWriteArrayList<>();
        private final Set<Type> types;

        Recorder(Set<Type> types) {
            this.types = types;
        }

        @Override
        public Set<Type> types() {
            return types;
        }

        @Override
        public void happened(LiveUpdateEvent event) {
            events.add(event);
        }

        List<String> lines() {
            return events.stream()
                    .map(event -> (event.type() + " " + event.subject()).trim()
                            + (event.details().isEmpty() ? "" : " " + new TreeMap<>(event.details())))
                    .toList();
        }
    }

    private final Recorder recorder = new Recorder(EnumSet.allOf(Type.class));
    private Platform platform;
    private RecordingHandler memfd;

    @BeforeEach
    void listening() throws Exception {
        platform = Platform.serving();
        memfd = platform.handler("memfd");
        platform.core.events().add(recorder);
    }

    @AfterEach
    void noThreadStays() {
        platform.core.events().remove(recorder);
    }

    private List<String> told() {
        platform.core.events().flush();
        return recorder.lines();
    }

    @Test
    void whatHappensToSessionsAndFilesIsToldInOrder() throws Exception {
        OutgoingSession vm1 = platform.session("vm1", "a", "b");
        vm1.unpreserve(Token.of(1));
        vm1.close();
        assertThat(told())
                .containsExactly(
                        "session_created vm1",
                        "file_preserved vm1/0x1 {compatible=memfd-v1}",
                        "file_preserved vm1/0x2 {compatible=memfd-v1}",
                        "file_unpreserved vm1/0x1 {compatible=memfd-v1}",
                        "file_unpreserved vm1/0x2 {compatible=memfd-v1}",
                        "session_closed vm1 {direction=outgoing}");
        assertThat(recorder.events).extracting(LiveUpdateEvent::sequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void theSuccessorTellsHowWhatCameIsTakenUpAndFinished() throws Exception {
        platform.session("vm1", "a");
        platform.session("vm2", "b");
        Platform successor = platform.successor("memfd");
        Recorder there = new Recorder(EnumSet.complementOf(EnumSet.of(Type.PLUGIN_REGISTERED)));
        successor.core.events().add(there);
        platform.update(successor);
        successor.retrieve("vm1").retrieve(Token.of(1));
        refused(Errno.EINVAL, () -> successor.retrieve("vm1"));
        successor.orchestrator.drop(SessionName.of("vm2"));
        successor.core.events().flush();
        assertThat(there.lines())
                .containsExactly(
                        "update_done {number=1}",
                        "session_retrieved vm1",
                        "file_retrieved vm1/0x1 {compatible=memfd-v1}",
                        "file_finished vm2/0x1 {compatible=memfd-v1}",
                        "session_finished vm2 {files=1}",
                        "session_closed vm2 {direction=incoming}",
                        "session_dropped vm2 {files=1}");
        successor.core.events().remove(there);
    }

    @Test
    void statesAndFailedUpdatesAreTold() throws Exception {
        Platform successor = platform.successor("memfd");
        refused(
                Errno.EIO,
                () -> platform.update(platform.to(successor).beforeDeserialize(() -> {
                    throw LuoException.of(Errno.EIO, "made up");
                })));
        assertThat(told())
                .containsExactly(
                        "update_started {kind=memory}",
                        "state_changed {from=normal, to=prepared}",
                        "state_changed {from=prepared, to=frozen}",
                        "state_changed {from=frozen, to=normal}",
                        "update_failed {kind=memory, reason=made up [EIO]}");
    }

    @Test
    void pluginsThatComeLeaveAndAreRejectedAreTold() throws Exception {
        platform.session("vm1", "a");
        refused(Errno.EEXIST, () -> platform.add(new RecordingHandler("memfd", platform.journal, platform.fds)));
        platform.core.handlers().remove(memfd);
        assertThat(told())
                .filteredOn(line -> line.startsWith("plugin"))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("plugin_rejected memfd-v1 {kind=file handler, reason="),
                        line -> assertThat(line).startsWith("plugin_unregistered memfd-v1 {bundle=org.luo.memfd"),
                        line -> assertThat(line).isEqualTo("plugin_orphaned memfd-v1 {kind=file handler, users=1}"),
                        line -> assertThat(line).startsWith("plugin_registered memfd-v1"));
    }

    @Test
    void aListenerIsToldOnlyWhatItWants() throws Exception {
        platform.core.events().remove(recorder);
        Recorder closed = new Recorder(EnumSet.of(Type.SESSION_CLOSED));
        platform.core.events().add(closed);
        platform.session("vm1", "a").close();
        platform.core.events().flush();
        assertThat(closed.lines()).containsExactly("session_closed vm1 {direction=outgoing}");
        assertThat(closed.events.getFirst().sequence()).isEqualTo(1);
        platform.core.events().remove(closed);
    }

    @Test
    void aListenerThatThrowsIsToldTheNextEventAndStopsNoOther() throws Exception {
        List<LiveUpdateEvent> odd = new CopyOnWriteArrayList<>();
        LiveUpdateListener throwing = event -> {
            odd.add(event);
            throw new IllegalStateException("made up");
        };
        platform.core.events().add(throwing);
        platform.session("vm1").close();
        assertThat(told()).hasSize(2);
        platform.core.events().flush();
        platform.core.events().remove(throwing);
        assertThat(odd).hasSizeBetween(1, 2);
    }

    @Test
    void whatComesTooFastIsCountedAndNobodyWaits() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        LiveUpdateListener slow = event -> {
            told.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        platform.core.events().add(slow);
        platform.session("first").close();
        told.await();
        OutgoingSession vm1 = platform.session("vm1");
        int many = Events.MOST + 10;
        int fd = platform.open("a");
        for (int i = 0; i < many; i++) {
            vm1.preserve(fd, Token.of(1));
            vm1.unpreserve(Token.of(1));
        }
        go.countDown();
        assertThat(told().getLast()).startsWith("lost {count=");
        LiveUpdateEvent lost = recorder.events.getLast();
        assertThat(recorder.events.size() - 1 + Long.parseLong(lost.details().get("count")))
                .isEqualTo(2L + 1 + 2 * many);
        assertThat(lost.sequence()).isEqualTo(2L + 1 + 2 * many + 1);
        platform.core.events().remove(slow);
    }
}
