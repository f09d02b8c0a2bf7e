// SPDX-License-Identifier: Apache-2.0
package org.luo.pin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.luo.pin.PinTable.Departure;

final class PinTableTest {
    private static final long HANDLER = 7;
    private static final long API = 2;
    private static final long OTHER = 9;

    private final Set<Long> running = new HashSet<>(Set.of(API, HANDLER, OTHER));
    private final PinTable pins = new PinTable(b -> b == HANDLER ? Set.of(API) : Set.of(), running::contains);

    @Test
    void aPinnedBundleMayNotLeave() throws Exception {
        pins.pin(List.of(HANDLER), "vm1/0x1");
        assertThatThrownBy(() -> pins.leave(HANDLER, "stop of bundle org.luo.handler.memfd [7]"))
                .isInstanceOf(PinnedException.class)
                .hasMessage("EBUSY: stop of bundle org.luo.handler.memfd [7] refused: 1 file preserved: vm1/0x1");
    }

    @Test
    void norMayABundleThatItIsWiredTo() throws Exception {
        pins.pin(List.of(HANDLER), "vm1/0x1");
        assertThat(pins.isPinned(API)).isTrue();
        assertThatThrownBy(() -> pins.leave(API, "update of bundle org.luo.api [2]"))
                .isInstanceOf(PinnedException.class);
    }

    @Test
    void aBundleThatNobodyNeedsMayLeave() throws Exception {
        pins.pin(List.of(HANDLER), "vm1/0x1");
        assertThat(pins.isPinned(OTHER)).isFalse();
        pins.leave(OTHER, "stop").close();
    }

    @Test
    void theRefusalNamesEightHoldersAndCountsTheRest() throws Exception {
        for (int i = 0; i < 10; i++) {
            pins.pin(List.of(HANDLER), "vm1/" + i);
        }
        assertThatThrownBy(() -> pins.leave(HANDLER, "refresh"))
                .hasMessage("EBUSY: refresh refused: 10 files preserved: vm1/0, vm1/1, vm1/2, vm1/3, vm1/4, vm1/5,"
                        + " vm1/6, vm1/7 and 2 more");
    }

    @Test
    void unpinningTheLastHolderLetsTheBundleLeave() throws Exception {
        pins.pin(List.of(HANDLER), "a");
        pins.pin(List.of(HANDLER), "b");
        pins.unpin(List.of(HANDLER), "a");
        assertThatThrownBy(() -> pins.leave(HANDLER, "stop")).isInstanceOf(PinnedException.class);
        pins.unpin(List.of(HANDLER), "b");
        pins.leave(HANDLER, "stop").close();
        assertThat(pins.pinned()).isEmpty();
    }

    @Test
    void aHolderPinsABundleOnce() throws Exception {
        pins.pin(List.of(HANDLER, HANDLER), "a");
        pins.pin(List.of(HANDLER), "a");
        assertThat(pins.pinned()).isEqualTo(Map.of(HANDLER, 1));
        pins.unpin(List.of(HANDLER), "a");
        assertThat(pins.pinned()).isEmpty();
    }

    @Test
    void unpinningWhatIsNotPinnedDoesNothing() throws Exception {
        pins.pin(List.of(HANDLER), "a");
        pins.unpin(List.of(HANDLER, OTHER), "b");
        assertThat(pins.pinned()).isEqualTo(Map.of(HANDLER, 1));
    }

    @Test
    void aLeavingBundleCannotBePinned() throws Exception {
        try (Departure departure = pins.leave(HANDLER, "stop")) {
            assertThat(departure).isNotNull();
            assertThatThrownBy(() -> pins.pin(List.of(HANDLER), "a")).isInstanceOf(LeavingException.class);
        }
        pins.pin(List.of(HANDLER), "a");
    }

    @Test
    void norCanABundleWhoseProviderIsLeaving() throws Exception {
        try (Departure departure = pins.leave(API, "stop")) {
            assertThat(departure).isNotNull();
            assertThatThrownBy(() -> pins.pin(List.of(HANDLER), "a"))
                    .isInstanceOf(LeavingException.class)
                    .hasMessage("bundle 7 or one it is wired to is leaving");
            pins.pin(List.of(OTHER), "a");
        }
    }

    @Test
    void norCanABundleThatHasLeft() {
        running.remove(HANDLER);
        assertThatThrownBy(() -> pins.pin(List.of(HANDLER), "a"))
                .isInstanceOf(LeavingException.class)
                .hasMessage("bundle 7 is not running");
    }

    @Test
    void allBundlesArePinnedOrNone() throws Exception {
        try (Departure departure = pins.leave(HANDLER, "stop")) {
            assertThat(departure).isNotNull();
            assertThatThrownBy(() -> pins.pin(List.of(OTHER, HANDLER), "a")).isInstanceOf(LeavingException.class);
        }
        assertThat(pins.pinned()).isEmpty();
    }

    @Test
    void severalBundlesLeaveTogetherOrNotAtAll() throws Exception {
        pins.pin(List.of(HANDLER), "a");
        assertThatThrownBy(() -> pins.leave(List.of(OTHER, HANDLER), "refresh")).isInstanceOf(PinnedException.class);
        pins.pin(List.of(OTHER), "b");
    }

    @Test
    void departuresOfOneBundleNest() throws Exception {
        Departure update = pins.leave(HANDLER, "update");
        Departure stop = pins.leave(HANDLER, "stop");
        stop.close();
        stop.close();
        assertThatThrownBy(() -> pins.pin(List.of(HANDLER), "a")).isInstanceOf(LeavingException.class);
        update.close();
        pins.pin(List.of(HANDLER), "a");
    }

    @Test
    void holdersAreCountedAndNamedOnceHoweverManyBundlesTheyPin() throws Exception {
        pins.pin(List.of(HANDLER, OTHER), "a");
        pins.pin(List.of(HANDLER), "b");
        assertThat(pins.size()).isEqualTo(2);
        assertThat(pins.names(8)).containsExactly("a", "b");
        assertThat(pins.names(1)).containsExactly("a");
        assertThat(pins.pinned()).isEqualTo(Map.of(HANDLER, 2, OTHER, 1));
    }

    @Test
    void anEmptyTableRefusesNothing() throws Exception {
        IntStream.range(0, 3)
                .forEach(bundle -> assertThat(pins.isPinned(bundle)).isFalse());
        assertThat(pins.size()).isZero();
        pins.leave(List.of(), "refresh").close();
    }

    @Test
    void aDrainedBundleIsPinnedByThoseOnlyWhoDoAlready() throws Exception {
        pins.pin(List.of(HANDLER), "a");
        try (PinTable.Drain drain = pins.drain(HANDLER)) {
            assertThat(drain).isNotNull();
            assertThat(pins.isDraining(HANDLER)).isTrue();
            assertThat(pins.isDraining(OTHER)).isFalse();
            pins.pin(List.of(HANDLER), "a");
            assertThatThrownBy(() -> pins.pin(List.of(OTHER, HANDLER), "b"))
                    .isInstanceOf(LeavingException.class)
                    .hasMessage("bundle 7 or one it is wired to takes no new files");
            pins.unpin(List.of(HANDLER), "a");
            pins.leave(HANDLER, "update").close();
        }
        assertThat(pins.isDraining(HANDLER)).isFalse();
        pins.pin(List.of(HANDLER), "b");
    }

    @Test
    void drainingAProviderDrainsWhatIsWiredToIt() throws Exception {
        PinTable.Drain first = pins.drain(API);
        PinTable.Drain second = pins.drain(API);
        first.close();
        first.close();
        assertThat(pins.isDraining(HANDLER)).isTrue();
        assertThatThrownBy(() -> pins.pin(List.of(HANDLER), "a")).isInstanceOf(LeavingException.class);
        pins.pin(List.of(OTHER), "a");
        second.close();
        pins.pin(List.of(HANDLER), "a");
    }

    @Test
    void whoNeedsABundleIsCountedAndNamed() throws Exception {
        for (int i = 0; i < 10; i++) {
            pins.pin(List.of(HANDLER), "vm1/" + i);
        }
        pins.pin(List.of(OTHER), "vm2/0");
        assertThat(pins.need(API, 2)).isEqualTo(new PinTable.Need(10, List.of("vm1/0", "vm1/1")));
        assertThat(pins.need(OTHER, 8)).isEqualTo(new PinTable.Need(1, List.of("vm2/0")));
    }
}
