// SPDX-License-Identifier: Apache-2.0
package org.luo.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.luo.UpdateReport.Phase;

class PhasesTest {
    private final List<String> heard = new ArrayList<>();
    private final Phases phases = new Phases((name, nanos) -> heard.add(name));

    @Test
    void phasesFollowUponOneAnotherAndOnlyThoseOutsideTheBlackoutAreHeardOf() {
        long began = phases.since();
        phases.end("boot");
        phases.endBlackout("freeze");
        phases.endBlackout("pass", "take", Long.MAX_VALUE);
        assertThat(heard).containsExactly("boot");
        assertThat(phases.list()).extracting(Phase::name).containsExactly("boot", "freeze", "pass", "take");
        assertThat(phases.list()).extracting(Phase::blackout).containsExactly(false, true, true, true);
        long all = phases.list().stream().mapToLong(Phase::nanos).sum();
        assertThat(all).isEqualTo(phases.since() - began);
        assertThat(phases.blackoutNanos())
                .isEqualTo(all - phases.list().getFirst().nanos());
        assertThat(phases.toString()).matches("boot \\d+\\.\\d ms, freeze .* ms, pass 0\\.0 ms, take .* ms");
    }

    @Test
    void whatTheOtherSideSaysIsNotLongerThanBothPhases() {
        phases.endBlackout("pass", "take", Long.MAX_VALUE);
        phases.endBlackout("pass", "take", -1);
        assertThat(phases.list().get(0).nanos()).isZero();
        assertThat(phases.list().get(3).nanos()).isZero();
        assertThat(phases.list().get(2).nanos()).isNotNegative();
    }
}
