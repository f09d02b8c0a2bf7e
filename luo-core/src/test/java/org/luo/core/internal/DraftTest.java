// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.luo.core.internal.Platform.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.Errno;
import org.luo.FlbInfo;
import org.luo.IncomingSession;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.handover.Draft;
import org.luo.handover.Frozen;
import org.luo.handover.Image;
import org.luo.testkit.InMemoryHandover;
import org.luo.testkit.RecordingHandler;

/** A draft is passed ahead of the freeze: what goes over is what there is at the freeze, and nothing else. */
final class DraftTest {
    private Platform platform;
    private OutgoingSession one;
    private OutgoingSession two;

    @BeforeEach
    void twoSessions() throws Exception {
        platform = Platform.serving();
        withPlugins(platform);
        one = platform.session("one", "a", "b");
        two = platform.session("two", "c");
    }

    private static void withPlugins(Platform platform) throws Exception {
        platform.flb("hugetlb");
        platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
    }

    private Platform successor() throws Exception {
        Platform successor = platform.successor();
        withPlugins(successor);
        return successor;
    }

    private Platform updateAfter(InMemoryHandover.Hook hook) throws Exception {
        Platform successor = successor();
        platform.update(platform.to(successor).drafting(hook));
        return successor;
    }

    private static List<String> files(Platform platform) throws Exception {
        List<String> files = new ArrayList<>();
        for (var info : platform.orchestrator.files()) {
            files.add(info.session() + "/" + info.token());
        }
        return files;
    }

    /** Every file comes back as what it was preserved as, and then nothing is left. */
    private static void assertBringsBack(Platform platform, String session, String... names) throws Exception {
        IncomingSession incoming = platform.retrieve(session);
        List<String> found = new ArrayList<>();
        for (var info : platform.orchestrator.files()) {
            if (info.session().toString().equals(session)) {
                int fd = incoming.retrieve(info.token());
                found.add(platform.fds.name(fd));
                platform.fds.close(fd);
            }
        }
        incoming.close();
        assertThat(found).containsExactly(names);
    }

    @Test
    void whatHasNotChangedIsNotPassedAgain() throws Exception {
        Draft draft = platform.core.outgoing().draft();
        assertThat(draft.image().files()).hasSize(3);
        Frozen frozen = platform.core.outgoing().freeze(draft);
        assertThat(frozen.image().files()).isEmpty();
        assertThat(frozen.files()).isEqualTo(3);
        assertThat(frozen.sessions()).isEqualTo(2);
        frozen.unfreeze();
        draft.close();
        one.close();
        two.close();
        platform.assertHoldsNothing();
    }

    @Test
    void filesThatGoWhileADraftIsPassedStayOpenUntilItsEnd() throws Exception {
        Draft draft = platform.core.outgoing().draft();
        one.unpreserve(Token.of(1));
        two.close();
        assertThat(platform.fds.openCount()).isEqualTo(3);
        draft.close();
        draft.close();
        assertThat(platform.fds.openCount()).isEqualTo(1);
        one.close();
        platform.assertHoldsNothing();
    }

    @Test
    void theStatesOfTheFreezeArriveNotThoseOfTheDraft() throws Exception {
        Platform successor = updateAfter(() -> {});
        assertThat(platform.journal.lines()).contains("memfd.freeze a", "memfd.freeze b", "memfd.freeze c");
        platform.journal.clear();
        assertBringsBack(successor, "one", "a", "b");
        assertThat(platform.journal.lines()).contains("memfd.retrieve a'", "memfd.retrieve b'");
        assertBringsBack(successor, "two", "c");
        successor.assertHoldsNothing();
    }

    @Test
    void whatComesAndGoesBetweenDraftAndFreezeCounts() throws Exception {
        Platform successor = updateAfter(() -> {
            one.unpreserve(Token.of(1));
            platform.preserve(one, "d", 7);
            two.close();
            platform.session("three", "e");
            platform.session("two", "f");
        });
        assertThat(files(successor)).containsExactly("one/0x2", "one/0x7", "three/0x1", "two/0x1");
        assertThat(platform.fds.openCount()).isEqualTo(4);
        assertBringsBack(successor, "one", "b", "d");
        assertBringsBack(successor, "three", "e");
        assertBringsBack(successor, "two", "f");
        successor.assertHoldsNothing();
    }

    @Test
    void aFilePreservedAnewUnderItsOldTokenIsPassedAnew() throws Exception {
        Platform successor = updateAfter(() -> {
            one.unpreserve(Token.of(2));
            platform.preserve(one, "other", 2);
        });
        assertBringsBack(successor, "one", "a", "other");
        assertBringsBack(successor, "two", "c");
        successor.assertHoldsNothing();
    }

    @Test
    void theLastFileOfAnFlbMayGoAndTheFirstMayCome() throws Exception {
        Platform successor = updateAfter(() -> {
            one.close();
            two.close();
            platform.session("three", "d");
        });
        assertThat(successor.orchestrator.flbs()).extracting(FlbInfo::incoming).containsExactly(1L);
        assertBringsBack(successor, "three", "d");
        successor.assertHoldsNothing();

        platform = successor;
        Platform next = updateAfter(() -> {
            one = platform.session("one", "e", "f");
        });
        assertThat(next.orchestrator.flbs()).extracting(FlbInfo::incoming).containsExactly(2L);
        assertBringsBack(next, "one", "e", "f");
        next.assertHoldsNothing();

        platform = next;
        one = platform.session("one", "g");
        Platform last = updateAfter(() -> one.close());
        last.assertHoldsNothing();
    }

    @Test
    void unclaimedSessionsAreInTheDraftAndMayBeClaimedAfterIt() throws Exception {
        platform = updateAfter(() -> {});
        Platform next = updateAfter(() -> platform.retrieve("one").close());
        assertThat(files(next)).containsExactly("two/0x1");
        assertThat(next.orchestrator.flbs()).extracting(FlbInfo::incoming).containsExactly(1L);
        assertBringsBack(next, "two", "c");
        next.assertHoldsNothing();
    }

    @Test
    void anUpdateThatFailsAfterADraftLeavesEverythingAndTheNextSucceeds() throws Exception {
        Platform.Snapshot before = platform.snapshot();
        Platform refusing = successor();
        refused(
                Errno.EBADMSG,
                () -> platform.update(platform.to(refusing).drafting(() -> {}).damaging(bytes -> {
                    bytes[bytes.length / 2] ^= 1;
                    return bytes;
                })));
        assertThat(platform.snapshot()).isEqualTo(before);
        Platform successor = updateAfter(() -> {});
        assertThat(files(successor)).containsExactly("one/0x1", "one/0x2", "two/0x1");
    }

    @Test
    void aWholeImageMayFollowADraft() throws Exception {
        Platform successor = successor();
        platform.update(platform.to(successor).drafting(() -> {}).ignoringTheDraft());
        assertThat(files(successor)).containsExactly("one/0x1", "one/0x2", "two/0x1");
        assertThat(platform.fds.openCount()).isEqualTo(3);
        assertBringsBack(successor, "one", "a", "b");
        assertBringsBack(successor, "two", "c");
        successor.assertHoldsNothing();
    }

    @Test
    void onlyTheLatestDraftCanBeFrozenAgainst() throws Exception {
        Draft first = platform.core.outgoing().draft();
        Draft second = platform.core.outgoing().draft();
        first.close();
        second.close();
        assertThatThrownBy(() -> platform.core.outgoing().freeze(first)).isInstanceOf(IllegalArgumentException.class);
        platform.core.outgoing().freeze(second).unfreeze();
    }

    @Test
    void aDifferenceWithoutItsDraftIsRefused() throws Exception {
        Draft draft = platform.core.outgoing().draft();
        Frozen frozen = platform.core.outgoing().freeze(draft);
        Image difference = frozen.image();
        Platform without = successor();
        refused(Errno.EBADMSG, () -> without.core.incoming().deserialize(difference));
        refused(Errno.EBADMSG, () -> without.core.incoming().anticipate(difference));
        refused(Errno.EBADMSG, () -> without.core.incoming().deserialize(draft.image()));
        frozen.unfreeze();
        draft.close();
    }

    /** Random changes between draft and freeze arrive as if there had been no draft. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whateverChangesBetweenDraftAndFreezeArrives(int seed) throws Exception {
        Random random = new Random(seed);
        List<OutgoingSession> sessions = new ArrayList<>(List.of(one, two));
        change(sessions, random, 60);
        Platform successor = successor();
        List<String> expected = new ArrayList<>();
        platform.update(platform.to(successor).drafting(() -> {
            change(sessions, random, 20);
            try {
                expected.addAll(files(platform));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }));
        assertThat(files(successor)).isEqualTo(expected).isNotEmpty();
        assertThat(platform.fds.openCount()).isEqualTo(expected.size());
        for (var session : successor.orchestrator.sessions()) {
            successor.retrieve(session.name().toString()).close();
        }
        successor.assertHoldsNothing();
    }

    private void change(List<OutgoingSession> sessions, Random random, int times) throws org.luo.LuoException {
        for (int i = 0; i < times; i++) {
            int which = random.nextInt(sessions.size());
            OutgoingSession session = sessions.get(which);
            switch (random.nextInt(12)) {
                case 0 -> sessions.add(platform.session("s" + random.nextInt()));
                case 1 -> {
                    if (sessions.size() > 3) {
                        session.close();
                        sessions.remove(which);
                    }
                }
                case 2 ->
                    platform.orchestrator.files().stream()
                            .filter(file -> file.session().equals(session.name()))
                            .findFirst()
                            .ifPresent(file -> unpreserve(session, file.token()));
                default -> platform.preserve(session, "f" + random.nextInt(), random.nextLong());
            }
        }
    }

    private static void unpreserve(OutgoingSession session, Token token) {
        try {
            session.unpreserve(token);
        } catch (org.luo.LuoException e) {
            throw new AssertionError(e);
        }
    }
}
