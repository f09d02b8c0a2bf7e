// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.luo.pin.PinTable;

final class SignalsTest {
    private final PinTable pins = new PinTable(bundle -> Set.of());
    private final List<Integer> ended = new ArrayList<>();
    private long now = -5;
    private final Signals signals = new Signals(pins, ended::add, () -> now);

    @AfterEach
    void clear() {
        System.clearProperty("luo.force");
    }

    @Test
    void oneEndsAPlatformThatKeepsNothing() {
        signals.received("SIGTERM");
        assertThat(ended).containsExactly(Main.ENDED);
    }

    @Test
    void oneDoesNotEndAPlatformThatKeepsFiles() throws Exception {
        pins.pin(List.of(7L), "vm1/0x1");
        signals.received("SIGTERM");
        assertThat(ended).isEmpty();
    }

    @Test
    void aSecondOneDoes() throws Exception {
        pins.pin(List.of(7L), "vm1/0x1");
        signals.received("SIGTERM");
        now += TimeUnit.SECONDS.toNanos(9);
        signals.received("SIGINT");
        assertThat(ended).containsExactly(Main.FILES_LOST);
    }

    @Test
    void aSecondOneMuchLaterIsAFirstOne() throws Exception {
        pins.pin(List.of(7L), "vm1/0x1");
        signals.received("SIGTERM");
        now += TimeUnit.SECONDS.toNanos(10);
        signals.received("SIGTERM");
        assertThat(ended).isEmpty();
        signals.received("SIGTERM");
        assertThat(ended).containsExactly(Main.FILES_LOST);
    }

    @Test
    void aSecondOneAfterTheLastFileIsGoneLosesNothing() throws Exception {
        pins.pin(List.of(7L), "vm1/0x1");
        signals.received("SIGTERM");
        pins.unpin(List.of(7L), "vm1/0x1");
        signals.received("SIGTERM");
        assertThat(ended).containsExactly(Main.ENDED);
    }

    @Test
    void oneIsEnoughByForce() throws Exception {
        System.setProperty("luo.force", "true");
        pins.pin(List.of(7L), "vm1/0x1");
        signals.received("SIGTERM");
        assertThat(ended).containsExactly(Main.ENDED);
    }
}
