// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.linux.RunQueue;
import org.luo.linux.UnixSocket;

/** Others can't be seen any more: who they are is in a file that is closed. So they may need every processor. */
class WatchfulTest {
    private static final Duration AWAKE = Duration.ofMillis(50);

    private UnixSocket.Pair pair;
    private Watchful watchful;

    @BeforeEach
    void close() throws Exception {
        pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        RunQueue others = RunQueue.open();
        others.close();
        watchful = new Watchful(pair.one(), others); // not to be closed: the fd may be another's by now
    }

    @AfterEach
    void end() {
        pair.one().close();
        pair.other().close();
    }

    @Test
    void itIsNeverCalmSoWaitingForThatEndsWithPatience() {
        long start = System.nanoTime();
        watchful.awaitCalm();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(10));
    }

    @Test
    void whoeverIsPatientSleepsBetweenTwoLooks() throws Exception {
        MemorySegment buffer = Arena.ofAuto().allocate(64);
        watchful.stay();
        watchful.look(buffer); // what is called for the first time takes longer
        long start = System.nanoTime();
        long busy = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        watchful.stay();
        assertThat(watchful.look(buffer)).isNull();
        Duration used = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - busy);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(AWAKE);
        assertThat(used).isLessThan(AWAKE.dividedBy(2));
    }
}
