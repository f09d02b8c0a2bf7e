// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class IncarnationTest {
    @Test
    void thisProcessIsAlive() throws Exception {
        Incarnation own = Incarnation.own();
        assertThat(own.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(own.isAlive()).isTrue();
        assertThat(Incarnation.running(own.pid())).contains(own);
    }

    @Test
    void anotherProcessWithThePidIsNotTheSame() throws Exception {
        Incarnation own = Incarnation.own();
        assertThat(new Incarnation(own.pid(), own.startTime() - 1).isAlive()).isFalse();
    }

    @Test
    void aProcessThatHasEndedIsNotAliveEvenIfNobodyHasAskedForItsStatus() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        Incarnation sleep = Incarnation.running(process.pid()).orElseThrow();
        assertThat(sleep.isAlive()).isTrue();
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(sleep.isAlive()).isFalse();
    }

    @Test
    void whatIsWrittenCanBeRead() {
        assertThat(Incarnation.parse(new Incarnation(42, 4711) + "\n")).contains(new Incarnation(42, 4711));
        assertThat(Incarnation.parse("")).isEmpty();
        assertThat(Incarnation.parse("42")).isEmpty();
        assertThat(Incarnation.parse("42 soon")).isEmpty();
    }
}
