// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live updates from one JVM to the next that go well. */
class HandoverIT {
    /** The workload's description, which it preserves as a file of its own. */
    private static final int DESCRIPTION = 1;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 254, 2000})
    void everyFileComesOver(int files) throws Exception {
        try (Generations generations = Generations.start()) {
            generations.preserve(files, files * 5000L, "vm1", "vm2");
            if (files > 0) {
                generations.call("workload.write", Map.of());
            }
            OpenFiles before = OpenFiles.of(generations.pid());
            Map<String, Object> report = generations.update();
            assertThat(report)
                    .containsEntry("files", (long) files + DESCRIPTION)
                    .containsEntry("sessions", 2L)
                    .containsEntry("number", 1L);
            assertThat(OpenFiles.of(generations.pid()).memory().keySet())
                    .isEqualTo(before.memory().keySet());
            generations.verify(files);
            generations.call("workload.finish", Map.of());
            assertThat(generations.status()).containsEntry("files", 0L).containsEntry("sessions", 0L);
        }
    }

    @Test
    void nothingPreservedIsAnUpdateToo() throws Exception {
        try (Generations generations = Generations.start()) {
            assertThat(generations.update()).containsEntry("files", 0L).containsEntry("sessions", 0L);
            assertThat(generations.status()).containsEntry("live_updates", 1L);
        }
    }

    @Test
    void anEmptySessionComesOver() throws Exception {
        try (Generations generations = Generations.start()) {
            generations.preserve(1, 100, "vm1", "empty1", "empty2");
            generations.update();
            assertThat(generations.status()).containsEntry("sessions", 3L);
            generations.verify(1);
            assertThat(generations.call("workload.finish", Map.of())).containsEntry("sessions", 3L);
        }
    }

    @Test
    void aSparseGibibyteComesOverInPlace() throws Exception {
        try (Generations generations = Generations.start()) {
            generations.call(
                    "workload.preserve",
                    Map.of("files", 1, "bytes", 1L << 30, "sessions", List.of("vm1"), "sparse", true));
            long before = shmem(generations);
            generations.update();
            assertThat(shmem(generations) - before).isLessThan(64 << 10);
            generations.verify(1);
        }
    }

    @Test
    void whatNobodyClaimsGoesOnFromGenerationToGeneration() throws Exception {
        try (Generations generations = Generations.start()) {
            generations.preserve(300, 300 * 5000L, "vm1", "vm2");
            OpenFiles first = OpenFiles.of(generations.pid());
            for (long number = 1; number <= 3; number++) {
                assertThat(generations.update()).containsEntry("number", number);
                assertThat(OpenFiles.of(generations.pid()).memory().keySet())
                        .isEqualTo(first.memory().keySet());
            }
            assertThat(generations.status()).containsEntry("live_updates", 3L);
            generations.verify(300);
        }
    }

    @Test
    void everyGenerationPreservesAnew() throws Exception {
        try (Generations generations = Generations.start()) {
            for (int round = 1; round <= 3; round++) {
                generations.preserve(100, 100 * 5000L, "vm1", "vm2");
                generations.call("workload.write", Map.of());
                generations.update();
                generations.verify(100);
                generations.call("workload.finish", Map.of());
            }
            assertThat(generations.status()).containsEntry("files", 0L).containsEntry("live_updates", 3L);
        }
    }

    @Test
    void commandLinesDoNotGrow() throws Exception {
        try (Generations generations = Generations.start()) {
            generations.update(Map.of("jvm", "-Dtest.stays=1"));
            List<String> second = arguments(generations);
            assertThat(second).contains("-Dtest.stays=1");
            generations.update();
            assertThat(arguments(generations)).hasSameSizeAs(second).contains("-Dtest.stays=1");
        }
    }

    private static List<String> arguments(Generations generations) throws Exception {
        ProcessHandle process = ProcessHandle.of(generations.pid()).orElseThrow();
        return List.of(process.info().arguments().orElseThrow());
    }

    private static long shmem(Generations generations) throws Exception {
        return (Long) generations.call("workload.shmem", Map.of()).get("shmem_kb");
    }
}
