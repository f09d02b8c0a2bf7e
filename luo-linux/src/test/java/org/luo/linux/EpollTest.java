// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.linux.Epoll.EPOLLHUP;
import static org.luo.linux.Epoll.EPOLLIN;
import static org.luo.linux.Epoll.EPOLLONESHOT;
import static org.luo.linux.Epoll.EPOLLRDHUP;
import static org.luo.linux.Failing.assertFails;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.Errno;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class EpollTest {
    private static final long KEY = 0x8000_0001_0000_0002L;

    private final Epoll.Events events = new Epoll.Events(2);
    private Epoll epoll;
    private EventFd loud;

    @BeforeEach
    void open() throws Exception {
        epoll = Epoll.create();
        loud = EventFd.create();
        loud.signal();
    }

    @AfterEach
    void close() {
        loud.close();
        epoll.close();
        epoll.close();
    }

    @Test
    void tellsWhatHappenedAndToWhom() throws Exception {
        epoll.add(loud.fd(), EPOLLIN, KEY);
        assertThat(epoll.await(events, -1)).isEqualTo(1);
        assertThat(events.count()).isEqualTo(1);
        assertThat(events.key(0)).isEqualTo(KEY);
        assertThat(events.events(0)).isEqualTo(EPOLLIN);
    }

    @Test
    void returnsWithNothingWhenTheTimeIsOver() throws Exception {
        assertThat(epoll.await(events, 10)).isZero();
        assertThat(events.count()).isZero();
    }

    @Test
    void oneShotTellsOnceUntilAskedAgain() throws Exception {
        epoll.add(loud.fd(), EPOLLIN | EPOLLONESHOT, 1);
        assertThat(epoll.await(events, 0)).isEqualTo(1);
        assertThat(epoll.await(events, 0)).isZero();
        epoll.modify(loud.fd(), EPOLLIN | EPOLLONESHOT, 2);
        assertThat(epoll.await(events, 0)).isEqualTo(1);
        assertThat(events.key(0)).isEqualTo(2);
    }

    @Test
    void whatIsRemovedIsNotTold() throws Exception {
        epoll.add(loud.fd(), EPOLLIN, KEY);
        epoll.remove(loud.fd());
        epoll.remove(loud.fd());
        assertThat(epoll.await(events, 0)).isZero();
    }

    @Test
    void moreEventsThanRoomComeOneBatchAfterAnother() throws Exception {
        EventFd[] many = new EventFd[5];
        for (int i = 0; i < many.length; i++) {
            many[i] = EventFd.create();
            many[i].signal();
            epoll.add(many[i].fd(), EPOLLIN | EPOLLONESHOT, i);
        }
        Set<Long> keys = new TreeSet<>();
        while (epoll.await(events, 0) > 0) {
            for (int i = 0; i < events.count(); i++) {
                keys.add(events.key(i));
            }
        }
        assertThat(keys).containsExactly(0L, 1L, 2L, 3L, 4L);
        for (EventFd one : many) {
            one.close();
        }
    }

    @Test
    void theOtherSideGoingIsToldEvenIfOnlyThatIsAskedFor() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            epoll.add(pair.one().fd(), EPOLLRDHUP | EPOLLONESHOT, KEY);
            pair.other().send(new byte[1]);
            assertThat(epoll.await(events, 0)).isZero();
            pair.other().close();
            assertThat(epoll.await(events, 0)).isEqualTo(1);
            assertThat(events.events(0)).isEqualTo(EPOLLRDHUP | EPOLLHUP);
        }
    }

    @Test
    void refusesWhatCannotBeWatched() throws Exception {
        int file = FileIo.open(Path.of("/proc/self/status"), FileIo.O_RDONLY, 0);
        assertFails(Errno.EPERM, "watch fd " + file, () -> epoll.add(file, EPOLLIN, 0));
        Fds.close(file);
        assertFails(Errno.EBADF, "watch fd 19999", () -> epoll.add(19999, EPOLLIN, 0));
        assertFails(Errno.ENOENT, "watch again", () -> epoll.modify(loud.fd(), EPOLLIN, 0));
        epoll.add(loud.fd(), EPOLLIN, 0);
        assertFails(Errno.EEXIST, "watch fd", () -> epoll.add(loud.fd(), EPOLLIN, 0));
    }
}
