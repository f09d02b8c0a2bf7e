// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class PollTest {
    private EventFd quiet;
    private EventFd loud;

    @BeforeEach
    void open() throws Exception {
        quiet = EventFd.create();
        loud = EventFd.create();
    }

    @AfterEach
    void close() {
        quiet.close();
        loud.close();
    }

    @Test
    void tellsWhichIsReady() throws Exception {
        loud.signal();
        assertThat(Poll.await(new int[] {quiet.fd(), loud.fd(), -1}, Poll.POLLIN, -1))
                .containsExactly(0, Poll.POLLIN, 0);
    }

    @Test
    void returnsWithNothingWhenTheTimeIsOver() throws Exception {
        long start = System.nanoTime();
        assertThat(Poll.await(quiet.fd(), Poll.POLLIN, 30)).isZero();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
    }

    @Test
    void anFdThatIsNotOpenIsReported() throws Exception {
        assertThat(Poll.await(19999, Poll.POLLIN, -1)).isEqualTo(Poll.POLLNVAL);
    }

    @Test
    void manyFdsCanBePolled() throws Exception {
        int[] fds = new int[2000];
        Arrays.fill(fds, quiet.fd());
        fds[1999] = loud.fd();
        loud.signal();
        short[] happened = Poll.await(fds, Poll.POLLIN, -1);
        assertThat(happened[1999]).isEqualTo(Poll.POLLIN);
        assertThat(happened[0]).isZero();
    }

    @Test
    void theOtherSideGoingIsSeen() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            pair.other().close();
            assertThat(Poll.await(pair.one().fd(), Poll.POLLIN, -1) & Poll.POLLHUP)
                    .isNotZero();
        }
    }

    @Test
    void aSignalWakesAndLastsUntilReset() throws Exception {
        CompletableFuture<Short> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return Poll.await(loud.fd(), Poll.POLLIN, -1);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        loud.signal();
        loud.signal();
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(Poll.POLLIN);
        assertThat(Poll.await(loud.fd(), Poll.POLLIN, 0)).isEqualTo(Poll.POLLIN);
        assertThat(loud.reset()).isTrue();
        assertThat(loud.reset()).isFalse();
        assertThat(Poll.await(loud.fd(), Poll.POLLIN, 0)).isZero();
    }
}
