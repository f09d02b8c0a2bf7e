// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.OUTLIVED_CRASH;
import static org.luo.testkit.Callback.RETRIEVE;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.SessionInfo;
import org.luo.Token;
import org.luo.handover.Door;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.Rescue.Snapshot;
import org.luo.spi.PluginState;
import org.luo.testkit.RecordingFlb;
import org.luo.testkit.RecordingHandler;

/** A crash: whoever holds the files brings them back, as they are, with everything that can do without other things. */
final class CrashImageTest {
    private Platform platform;
    private CrashImage rescue;

    @BeforeEach
    void twoSessions() throws Exception {
        platform = Platform.serving();
        platform.add(outliving("memfd", platform).accepting(file -> !file.matches("[nv].*")));
        platform.session("one", "a", "b");
        platform.session("two", "c");
        rescue = new CrashImage(platform.core);
    }

    private static RecordingHandler outliving(String name, Platform of) {
        return new RecordingHandler(name, of.journal, of.fds).outlivingCrashes();
    }

    private Image image(Snapshot snapshot) {
        List<OpenFile> files = new ArrayList<>();
        snapshot.files()
                .forEach(file -> files.add(new OpenFile(snapshot.copies().get(file), file.identity())));
        return new Image(snapshot.bytes(), files, false, true);
    }

    /** The platform that starts with what was there at this moment. */
    private Platform crash() throws LuoException {
        Platform next = platform.successor();
        next.add(outliving("memfd", next));
        next.core.incoming().deserialize(image(rescue.snapshot(file -> true)));
        next.core.incoming().serve();
        next.core.incoming().publish();
        return next;
    }

    private static List<String> names(Platform of) {
        return of.orchestrator.sessions().stream()
                .map(session -> session.name() + " " + session.direction() + " " + session.files())
                .toList();
    }

    @Test
    void everythingIsIncomingAndNothingWasFrozen() throws Exception {
        Platform next = crash();
        assertThat(names(next)).containsExactly("one INCOMING 2", "two INCOMING 1");
        assertThat(platform.journal.lines(FREEZE)).isEmpty();
        assertThat(platform.journal.lines(OUTLIVED_CRASH))
                .containsExactly("memfd.outlivedCrash a", "memfd.outlivedCrash b", "memfd.outlivedCrash c");
        int fd = next.retrieve("one").retrieve(Token.of(2));
        assertThat(platform.journal.lines(RETRIEVE)).containsExactly("memfd.retrieve b*");
        assertThat(next.fds.name(fd)).isEqualTo("b");
        assertThat(next.orchestrator.state()).isEqualTo(LiveUpdateState.UPDATED);
    }

    @Test
    void aCrashIsNoLiveUpdateButIsCounted() throws Exception {
        Platform next = crash();
        assertThat(next.orchestrator.liveUpdates()).isZero();
        assertThat(next.orchestrator.statistics().done()).isZero();
        assertThat(next.orchestrator.statistics().recovered()).isEqualTo(1);
        Platform third = next.update(next.successor("memfd"));
        assertThat(third.orchestrator.statistics().recovered()).isEqualTo(1);
        assertThat(third.orchestrator.statistics().kinds()).containsOnly(Map.entry("memory", 1L));
        platform = third;
        rescue = new CrashImage(third.core);
        assertThat(rescue.snapshot(file -> true).uncovered()).hasSize(3);
    }

    @Test
    void sessionsThatWereRetrievedAreToBeRetrievedAgain() throws Exception {
        platform = crash();
        rescue = new CrashImage(platform.core);
        IncomingSession one = platform.retrieve("one");
        one.retrieve(Token.of(1));
        platform.retrieve("two").finish();
        Platform next = crash();
        assertThat(names(next)).containsExactly("one INCOMING 2");
        next.retrieve("one").retrieve(Token.of(1));
        assertThat(platform.journal.lines(RETRIEVE)).last().isEqualTo("memfd.retrieve a**");
        assertThat(next.orchestrator.statistics().recovered()).isEqualTo(2);
    }

    @Test
    void aSessionWithTheNameOfAnOutgoingOneIsNotCovered() throws Exception {
        platform = crash();
        rescue = new CrashImage(platform.core);
        platform.session("two", "d");
        Snapshot snapshot = rescue.snapshot(file -> false);
        assertThat(snapshot.uncovered()).containsExactly("incoming session two (an outgoing one has the same name)");
        assertThat(snapshot.files()).hasSize(3);
        assertThat(snapshot.copies()).isEmpty();
    }

    @Test
    void whatNeedsSomethingElseOrAHandlerThatKnowsIsNamed() throws Exception {
        platform.add(new RecordingFlb("pool", platform.journal));
        platform.add(outliving("vfio", platform).needing("pool-v1").accepting(file -> file.startsWith("v")));
        platform.handler("net");
        platform.session("three", "v", "n");
        assertThat(rescue.snapshot(file -> false).uncovered())
                .containsExactly(
                        "three/0x1 (vfio-v1: it is of no use without something else)",
                        "three/0x2 (net-v1: its handler does not know what becomes of it when the platform crashes)");
        assertThat(names(crash())).contains("three INCOMING 0");
    }

    @Test
    void onlyWhatIsWantedIsCopiedAndAFileStaysTheSameObject() throws Exception {
        int before = platform.fds.openCount();
        List<OpenFile> seen = rescue.snapshot(file -> false).files();
        OutgoingSession third = platform.session("three", "d");
        Snapshot later = rescue.snapshot(file -> seen.stream().noneMatch(known -> known == file));
        assertThat(later.copies()).hasSize(1);
        assertThat(platform.fds.name(later.copies().values().iterator().next())).isEqualTo("d");
        later.copies().values().forEach(platform.fds::close);
        third.close();
        assertThat(platform.fds.openCount()).isEqualTo(before);
        assertThat(rescue.snapshot(file -> false).files()).hasSize(3);
    }

    @Test
    void aFileThatIsNotTheSameRefusesAllOfThem() throws Exception {
        Platform next = platform.successor();
        next.add(outliving("memfd", next)).on(OUTLIVED_CRASH, 3).fails(Errno.EBADMSG);
        Image image = image(rescue.snapshot(file -> true));
        refused(Errno.EBADMSG, () -> next.core.incoming().deserialize(image));
        assertThat(next.orchestrator.sessions()).isEmpty();
        assertThat(next.pins.pinned()).isEmpty();
        next.core.incoming().deserialize(image);
        next.core.incoming().serve();
        assertThat(next.orchestrator.sessions()).extracting(SessionInfo::files).containsExactly(2, 1);
    }

    /** Says something for a crash, and remembers what it was opened with. */
    private static final class SayingDoor implements Door {
        private Optional<PluginState> opened = Optional.empty();

        @Override
        public String name() {
            return "saying";
        }

        @Override
        public void open(Optional<PluginState> inherited) {
            opened = inherited;
        }

        @Override
        public PluginState freeze() {
            throw new AssertionError("nothing is frozen");
        }

        @Override
        public Optional<PluginState> acrossCrash() {
            return Optional.of(PluginState.of(new byte[] {7}));
        }

        @Override
        public void unfreeze() {
            // nothing was
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    @Test
    void aDoorOpensWithWhatTheOneBeforeSaid() throws Exception {
        platform.core.doors().add(new SayingDoor());
        Image image = image(rescue.snapshot(file -> true));
        Platform next = platform.successor();
        next.add(outliving("memfd", next));
        SayingDoor door = new SayingDoor();
        next.core.doors().add(door);
        next.core.incoming().deserialize(image);
        next.core.incoming().serve();
        assertThat(door.opened).map(PluginState::data).contains(new byte[] {7});
    }

    @Test
    void whoOwnsNothingAnyMoreCopiesNothing() throws Exception {
        int before = platform.fds.openCount();
        platform.update(platform.successor("memfd"));
        refused(Errno.EOPNOTSUPP, () -> rescue.snapshot(file -> true));
        assertThat(platform.fds.openCount()).isEqualTo(before);
    }
}
