// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.core.internal.Platform.refused;
import static org.luo.testkit.Callback.CAN_FINISH;
import static org.luo.testkit.Callback.CAN_PRESERVE;
import static org.luo.testkit.Callback.FINISH;
import static org.luo.testkit.Callback.FREEZE;
import static org.luo.testkit.Callback.IDENTITY;
import static org.luo.testkit.Callback.PRESERVE;
import static org.luo.testkit.Callback.REHEARSE;
import static org.luo.testkit.Callback.RETRIEVE;
import static org.luo.testkit.Callback.UNFREEZE;
import static org.luo.testkit.Callback.UNPRESERVE;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Token;
import org.luo.spi.PluginState;
import org.luo.testkit.Callback;
import org.luo.testkit.RecordingHandler;
import org.luo.testkit.Script;

/** A handler that fails in whatever callback and whatever way leaves nothing behind and stands in nobody's way. */
final class MisbehavingHandlerTest {
    /** How a callback goes wrong. */
    enum Way {
        FAILS(Errno.ENXIO),
        UNCHECKED(Errno.EIO),
        ERROR(Errno.EIO),
        NULL(Errno.EIO);

        final Errno errno;

        Way(Errno errno) {
            this.errno = errno;
        }

        void in(Script.When when) {
            switch (this) {
                case FAILS -> when.fails(errno);
                case UNCHECKED -> when.throwing(new IllegalStateException("made up"));
                case ERROR -> when.throwing(new NoClassDefFoundError("made up"));
                case NULL -> when.returns(null);
            }
        }
    }

    private Platform platform;
    private RecordingHandler memfd;
    private OutgoingSession vm1;

    @BeforeEach
    void aSessionWithAFile() throws Exception {
        platform = Platform.serving();
        memfd = withPlugins(platform);
        vm1 = platform.session("vm1", "a");
    }

    private static RecordingHandler withPlugins(Platform platform) throws Exception {
        platform.flb("hugetlb");
        return platform.add(new RecordingHandler("memfd", platform.journal, platform.fds).needing("hugetlb-v1"));
    }

    private Platform successor() throws Exception {
        Platform successor = platform.successor();
        withPlugins(successor);
        return successor;
    }

    private Platform updated() throws Exception {
        Platform successor = platform.successor();
        memfd = withPlugins(successor);
        return platform.update(successor);
    }

    static Stream<Arguments> whilePreserving() {
        return Stream.of(IDENTITY, PRESERVE)
                .flatMap(callback -> Stream.of(Way.values()).map(way -> Arguments.of(callback, way)));
    }

    @ParameterizedTest
    @MethodSource("whilePreserving")
    void preservingFailsAndLeavesNothing(Callback callback, Way way) throws Exception {
        int fd = platform.open("b");
        Platform.Snapshot before = platform.snapshot();
        way.in(memfd.on(callback, 1));
        refused(way.errno, () -> vm1.preserve(fd, Token.of(2)));
        assertThat(platform.snapshot()).isEqualTo(before);
        vm1.preserve(fd, Token.of(2));
        vm1.close();
        platform.assertHoldsNothing(fd);
    }

    @ParameterizedTest
    @EnumSource
    void oneThatCannotSayWhetherItTakesAFileDoesNotTakeItAndTheNextIsAsked(Way way) throws Exception {
        int fd = platform.open("b");
        Platform.Snapshot before = platform.snapshot();
        way.in(memfd.on(CAN_PRESERVE));
        assertThat(refused(Errno.ENOENT, () -> vm1.preserve(fd, Token.of(2))))
                .hasMessageContaining("memfd-v1: canPreserve ");
        assertThat(platform.snapshot()).isEqualTo(before);
        platform.handler("other");
        vm1.preserve(fd, Token.of(2));
        assertThat(platform.journal.lines(PRESERVE)).endsWith("other.preserve b");
        vm1.close();
        platform.assertHoldsNothing(fd);
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILS", "UNCHECKED", "ERROR"})
    void unpreservingGoesOn(Way way) throws Exception {
        way.in(memfd.on(UNPRESERVE));
        platform.preserve(vm1, "b", 2);
        vm1.unpreserve(Token.of(1));
        platform.preserve(vm1, "c", 1);
        vm1.close();
        assertThat(platform.journal.lines(UNPRESERVE))
                .containsExactly(
                        "memfd.unpreserve a",
                        "memfd.unpreserve c",
                        "memfd.unpreserve b",
                        "hugetlb.unpreserve hugetlb#1");
        platform.assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource
    void freezingFailsAndIsTakenBack(Way way) throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform.Snapshot before = platform.snapshot();
        way.in(memfd.on(FREEZE, 2));
        refused(way.errno, () -> platform.update(successor()));
        assertThat(platform.snapshot()).isEqualTo(before);
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly("memfd.unfreeze a'");
        updated().retrieve("vm1").close();
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILS", "UNCHECKED", "ERROR"})
    void unfreezingGoesOn(Way way) throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform.Snapshot before = platform.snapshot();
        way.in(memfd.on(UNFREEZE));
        refused(
                Errno.EUCLEAN,
                () -> platform.update(platform.to(successor()).beforeDeserialize(() -> {
                    throw LuoException.of(Errno.EUCLEAN, "made up");
                })));
        assertThat(platform.journal.lines(UNFREEZE)).containsExactly("memfd.unfreeze a'", "memfd.unfreeze b'");
        assertThat(platform.snapshot()).isEqualTo(before);
        updated().retrieve("vm1").close();
    }

    static Stream<Arguments> whileRetrieving() {
        return Stream.of(RETRIEVE, IDENTITY)
                .flatMap(callback -> Stream.of(Way.values()).map(way -> Arguments.of(callback, way)));
    }

    @ParameterizedTest
    @MethodSource("whileRetrieving")
    void retrievingFailsForGoodAndTheOthersComeBack(Callback callback, Way way) throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform next = updated();
        IncomingSession session = next.retrieve("vm1");
        int open = next.fds.openCount();
        way.in(memfd.returningNewFds().on(callback, 1));
        refused(way.errno, () -> session.retrieve(Token.of(1)));
        refused(way.errno, () -> session.retrieve(Token.of(1)));
        assertThat(next.fds.openCount()).isEqualTo(open);
        assertThat(next.journal.count(RETRIEVE)).isEqualTo(1);
        next.fds.close(session.retrieve(Token.of(2)));
        session.close();
        assertThat(next.journal.lines(FINISH)).contains("memfd.finish a' " + way.errno);
        next.assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource
    void askingWhetherToFinishFailsAndChangesNothing(Way way) throws Exception {
        Platform next = updated();
        IncomingSession session = next.retrieve("vm1");
        Platform.Snapshot before = next.snapshot();
        way.in(memfd.on(CAN_FINISH, 1));
        refused(way.errno, session::finish);
        assertThat(next.snapshot()).isEqualTo(before);
        way.in(memfd.on(CAN_FINISH, 1));
        refused(way.errno, session::close);
        next.retrieve("vm1").close();
        next.assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILS", "UNCHECKED", "ERROR"})
    void finishingGoesOn(Way way) throws Exception {
        platform.preserve(vm1, "b", 2);
        Platform next = updated();
        way.in(memfd.on(FINISH));
        IncomingSession session = next.retrieve("vm1");
        int fd = session.retrieve(Token.of(1));
        session.close();
        assertThat(next.journal.lines(FINISH))
                .containsExactly("memfd.finish b' never", "memfd.finish a' retrieved", "hugetlb.finish hugetlb#1");
        next.assertHoldsNothing(fd);
        next.session("vm2").preserve(fd, Token.of(1));
    }

    @Test
    void aRehearsalThatFailsIsForgotten() throws Exception {
        memfd.on(REHEARSE).throwing(new StackOverflowError("made up"));
        platform.core.outgoing().rehearse();
        assertThat(platform.journal.lines(REHEARSE)).containsExactly("memfd.rehearse");
        updated();
    }

    @Test
    void anFdThatIsNoneIsAnErrorAndNotClosed() throws Exception {
        Platform next = updated();
        memfd.on(RETRIEVE, 1).returns(-1);
        IncomingSession session = next.retrieve("vm1");
        refused(Errno.EIO, () -> session.retrieve(Token.of(1)));
        session.close();
        next.assertHoldsNothing();
    }

    @Test
    void aStateWithAnFdThatIsNotOpenIsTakenBack() throws Exception {
        int fd = platform.open("b");
        Platform.Snapshot before = platform.snapshot();
        memfd.on(PRESERVE, 1).returns(PluginState.of(new byte[1], 99));
        refused(Errno.EBADF, () -> vm1.preserve(fd, Token.of(2)));
        assertThat(platform.journal.count(UNPRESERVE)).isEqualTo(1);
        assertThat(platform.snapshot()).isEqualTo(before);
    }

    @Test
    void whatItThrewIsTheCause() {
        Error error = new NoClassDefFoundError("made up");
        memfd.on(PRESERVE, 1).throwing(error);
        assertThat(refused(Errno.EIO, () -> platform.preserve(vm1, "b", 2)))
                .hasCause(error)
                .hasMessageContaining("preserve of memfd-v1");
    }
}
