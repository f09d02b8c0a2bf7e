// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.luo.linux.Failing.assertFails;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.luo.Errno;
import org.luo.linux.UnixSocket.Type;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class PassingFdsTest {
    private static final int RLIMIT_NOFILE = 7;

    private final Arena arena = Arena.ofConfined();
    private UnixSocket.Pair pair;
    private int[] memfds;

    @BeforeEach
    void open() throws Exception {
        pair = UnixSocket.pair(Type.SEQPACKET);
        memfds = new int[UnixSocket.MAX_FDS];
        for (int i = 0; i < memfds.length; i++) {
            memfds[i] = Memfd.create("passed", 0);
        }
    }

    @AfterEach
    void close() {
        IntStream.of(memfds).forEach(Fds::close);
        pair.close();
        arena.close();
    }

    @ParameterizedTest
    @EnumSource
    void asManyAsFitArriveInOrder(Type type) throws Exception {
        try (UnixSocket.Pair other = UnixSocket.pair(type)) {
            other.one().send(arena.allocateFrom("fds"), memfds);
            Received received = other.other().receive(arena.allocate(10));
            assertThat(received.bytes()).isEqualTo(4);
            assertThat(received.complete()).isTrue();
            assertSameFiles(received.fds(), memfds);
            received.closeFds();
        }
    }

    @Test
    void oneMoreIsInvalid() {
        int[] tooMany = Arrays.copyOf(memfds, memfds.length + 1);
        assertFails(Errno.EINVAL, "send 254 fds", () -> pair.one().send(new byte[1], tooMany));
    }

    @Test
    void aPartOfAnArrayCanBeSent() throws Exception {
        pair.one().send(arena.allocate(1), memfds, 100, 3);
        Received received = pair.other().receive(new byte[1]);
        assertSameFiles(received.fds(), Arrays.copyOfRange(memfds, 100, 103));
        received.closeFds();
    }

    @Test
    void fdsThatAreNotAskedForAreLostAndThatIsSeen() throws Exception {
        for (int room = 0; room < 4; room++) {
            pair.one().send(new byte[1], memfds[0], memfds[1], memfds[2]);
            Received received = pair.other().receive(arena.allocate(1), room);
            assertThat(received.bytes()).isEqualTo(1);
            assertThat(received.fds()).hasSize(room);
            assertThat(received.controlTruncated()).isEqualTo(room < 3);
            assertThat(received.complete()).isEqualTo(room == 3);
            received.closeFds();
        }
    }

    @Test
    void fdsBeyondTheLimitAreLostAndThatIsSeen() throws Exception {
        Fds.Limit limit = Fds.rlimitNofile();
        int free = Fds.duplicate(memfds[0]);
        pair.one().send(new byte[1], memfds[0], memfds[1], memfds[2]);
        MemorySegment buffer = arena.allocate(1);
        Received received;
        setNofile(free + 1, limit.hard());
        Fds.close(free);
        try {
            received = pair.other().receive(buffer);
        } finally {
            setNofile(limit.soft(), limit.hard());
        }
        assertThat(received.fds()).containsExactly(free);
        assertThat(received.controlTruncated()).isTrue();
        received.closeFds();
    }

    @Test
    void anFdThatIsNotOpenSendsNothing() throws Exception {
        assertFails(
                Errno.EBADF, "send to fd " + pair.one().fd(), () -> pair.one().send(new byte[1], memfds[0], 19999));
        pair.other().setReceiveTimeout(10);
        assertFails(Errno.ETIMEDOUT, "receive", () -> pair.other().receive(new byte[1]));
    }

    @Test
    void anEmptyMessageIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> pair.one().send(new byte[0], memfds[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> pair.one().send(MemorySegment.ofArray(new byte[1])));
    }

    @Test
    void readingAStreamLosesThem() throws Exception {
        try (UnixSocket.Pair stream = UnixSocket.pair(Type.STREAM)) {
            stream.one().send(new byte[5], memfds[0]);
            assertThat(stream.other().read(new byte[10], 0, 10)).isEqualTo(5);
        }
    }

    private static void assertSameFiles(int[] fds, int[] expected) throws Exception {
        assertThat(fds).hasSameSizeAs(expected);
        for (int i = 0; i < fds.length; i++) {
            assertThat(Stat.of(fds[i]).inode()).isEqualTo(Stat.of(expected[i]).inode());
            assertThat(Fds.isCloexec(fds[i])).isTrue();
        }
    }

    private void setNofile(long soft, long hard) {
        MemorySegment limit = arena.allocate(16, 8);
        limit.set(JAVA_LONG, 0, soft);
        limit.set(JAVA_LONG, 8, hard);
        assertThat(Kernel.call(Kernel.memory(), Nr.PRLIMIT64, 0, RLIMIT_NOFILE, limit.address(), 0))
                .isZero();
    }
}
