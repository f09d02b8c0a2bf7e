// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.itests.generations.Admin.Refusal;
import org.luo.testkit.HugePages;

/** Live updates from one JVM to the next with memory of huge pages; they are taken from this machine, and given back. */
class HugetlbIT {
    private static final int PAGES = 64;
    private static final int DESCRIPTION = 1;

    private HugePages pages;

    @BeforeEach
    void take() {
        try {
            pages = HugePages.take(PAGES);
        } catch (IOException e) {
            abort(e.getMessage());
        }
    }

    @AfterEach
    void giveBack() throws IOException {
        if (pages != null) {
            pages.close();
        }
    }

    /** As many files of one huge page each as there are pages, and as many ordinary ones, in turn in two sessions. */
    private static void preserve(Generations generations) throws Exception {
        generations.call(
                "workload.preserve",
                Map.of("files", 2 * PAGES, "huge", PAGES, "bytes", 5000L, "sessions", List.of("vm1", "vm2")));
    }

    @Test
    void memoryOfHugePagesComesOverInPlace() throws Exception {
        try (Generations generations = Generations.start()) {
            long before = HugePages.free();
            preserve(generations);
            generations.call("workload.write", Map.of());
            long free = HugePages.free();
            assertThat(before - free).isEqualTo(PAGES);
            assertThat(flb(generations)).containsEntry("outgoing", (long) PAGES).containsEntry("incoming", 0L);
            OpenFiles files = OpenFiles.of(generations.pid());

            assertThat(generations.update()).containsEntry("files", 2L * PAGES + DESCRIPTION);
            assertThat(HugePages.free()).isEqualTo(free);
            assertThat(OpenFiles.of(generations.pid()).memory().keySet())
                    .isEqualTo(files.memory().keySet());
            assertThat(flb(generations)).containsEntry("outgoing", 0L).containsEntry("incoming", (long) PAGES);
            generations.verify(2L * PAGES);

            generations.call("workload.finish", Map.of());
            assertThat(flb(generations)).containsEntry("incoming", 0L).containsEntry("status", "active");
            assertThat(HugePages.free()).isEqualTo(before);
            assertThat(generations.log()).doesNotContain("hugetlb");
        }
    }

    @Test
    void whatNobodyClaimsGoesOnFromGenerationToGeneration() throws Exception {
        try (Generations generations = Generations.start()) {
            preserve(generations);
            long free = HugePages.free();
            for (int round = 0; round < 3; round++) {
                generations.update();
                assertThat(HugePages.free()).isEqualTo(free);
            }
            generations.verify(2L * PAGES);
        }
    }

    @Test
    void anUpdateThatFailsLeavesEveryPageWhereItIs() throws Exception {
        try (Generations generations = Generations.start()) {
            preserve(generations);
            long free = HugePages.free();
            Refusal refusal = catchThrowableOfType(
                    Refusal.class, () -> generations.update(Map.of("jvm", "-Dluo.handover.fault=ready:kill")));
            assertThat(refusal.errno()).isEqualTo("EPIPE");
            assertThat(HugePages.free()).isEqualTo(free);
            assertThat(flb(generations)).containsEntry("outgoing", (long) PAGES);
            generations.update();
            generations.verify(2L * PAGES);
        }
    }

    @Test
    void pagesTakenAwayMeanwhileCostNoByte() throws Exception {
        try (Generations generations = Generations.start()) {
            preserve(generations);
            pages.close();
            pages = null;
            generations.update();
            generations.verify(2L * PAGES);
            generations.call("workload.finish", Map.of());
            assertThat(generations.log())
                    .contains("incoming FLB hugetlb-p1 cannot be finished")
                    .containsPattern("huge pages of \\d+ kB: \\d+ pages, \\d+ when the first file was preserved");
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> flb(Generations generations) throws Exception {
        List<Map<String, Object>> flbs =
                (List<Map<String, Object>>) generations.call("flbs", Map.of()).get("flbs");
        return flbs.stream()
                .filter(flb -> "hugetlb-p1".equals(flb.get("compatible")))
                .findFirst()
                .orElseThrow();
    }
}
