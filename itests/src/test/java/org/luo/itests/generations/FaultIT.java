// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.itests.generations.Admin.Refusal;

/**
 * Live updates that fail: the predecessor goes on with every file and byte, the error says why, and the next update
 * succeeds. One platform goes through all of it, so that what one failure leaves behind is found by the next.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultIT {
    private static final int FILES = 300;
    private static final Map<String, String> IMPATIENT =
            Map.of("timeout.boot", "30", "timeout.answer", "2000", "grace", "2000");

    private Generations generations;

    @BeforeAll
    void start() throws Exception {
        generations = Generations.start();
        generations.preserve(FILES, FILES * 5000L, "vm1", "vm2");
        generations.call("workload.write", Map.of());
    }

    @AfterAll
    void everyByteHasSurvivedAllOfIt() throws Exception {
        try (Generations last = generations) {
            last.verify(FILES);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "boot",
                "hello",
                "preflight",
                "rehearse",
                "anticipate",
                "begin",
                "batch",
                "image",
                "deserialize",
                "ready",
                "commit",
                "confirm",
                "healthy"
            })
    void aSuccessorThatDiesIsSurvived(String step) throws Exception {
        assertSurvived("EPIPE", "status 137", Map.of("jvm", "-Dluo.handover.fault=" + step + ":kill"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"anticipate", "begin", "deserialize", "ready", "commit", "confirm", "healthy"})
    void aSuccessorThatHangsIsSurvived(String step) throws Exception {
        assertSurvived(
                "ETIMEDOUT", "said nothing for 2000 ms", Map.of("jvm", "-Dluo.handover.fault=" + step + ":hang"));
    }

    @Test
    void aSuccessorThatHangsWhileItBootsIsSurvived() throws Exception {
        Map<String, String> options = Map.of("jvm", "-Dluo.handover.fault=boot:hang", "timeout.boot", "3");
        assertSurvived("ETIMEDOUT", "did not connect within 3 s", options);
    }

    @ParameterizedTest
    @CsvSource({
        "hello, EPROTO, speaks handover protocol",
        "preflight, ENOENT, cannot read memfd-p1 (vm1/0x",
        "anticipate, EBADMSG, checksum does not match",
        "batch, EBADMSG, fd 0 is device",
        "image, EBADMSG, checksum does not match",
        "healthy, EIO, its framework is not up"
    })
    void aSuccessorThatGoesWrongIsRefused(String step, String errno, String reason) throws Exception {
        assertSurvived(errno, reason, Map.of("jvm", "-Dluo.handover.fault=" + step + ":corrupt"));
    }

    @Test
    void aSuccessorWithoutTheHandlerIsRefusedByNameBeforeAnythingIsFrozen(@TempDir Path bundles) throws Exception {
        try (Stream<Path> jars = Files.list(Generations.HOME.resolve("bundles"))) {
            for (Path jar : jars.filter(jar -> !jar.getFileName().toString().startsWith("handler-memfd"))
                    .toList()) {
                Files.createSymbolicLink(bundles.resolve(jar.getFileName()), jar);
            }
        }
        String directories = bundles + ":" + Generations.HOME.resolve("workload");
        assertSurvived("ENOENT", "cannot read memfd-p1 (vm1/0x", Map.of("bundles", directories));
    }

    @ParameterizedTest
    @CsvSource({
        "jvm, -XX:+NoSuchOption, EPIPE, ended before it connected",
        "java, /nowhere, EINVAL, no executable /nowhere/bin/java",
        "bundles, /nowhere, EINVAL, no directory '/nowhere'",
        "speed, high, EINVAL, not known"
    })
    void aSuccessorThatCannotStartIsRefused(String option, String value, String errno, String reason) throws Exception {
        assertSurvived(errno, reason, Map.of(option, value));
    }

    @Test
    void aSuccessorWhosePredecessorDiesLeaves() throws Exception {
        try (Generations orphaned = Generations.start()) {
            orphaned.preserve(3, 15_000, "vm1");
            long predecessor = orphaned.pid();
            CompletableFuture<?> update = CompletableFuture.runAsync(() -> {
                try {
                    orphaned.call("update", Map.of("rehearsal", "5000"));
                } catch (IOException | Refusal e) {
                    // its platform dies
                }
            });
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (orphaned.processes().size() < 2 && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
            List<ProcessHandle> both = orphaned.processes();
            assertThat(both).hasSize(2);
            TimeUnit.SECONDS.sleep(2);
            ProcessHandle.of(predecessor).ifPresent(ProcessHandle::destroyForcibly);
            for (ProcessHandle process : both) {
                Generations.awaitEnd(process.pid());
            }
            update.join();
        }
    }

    private void assertSurvived(String errno, String reason, Map<String, String> options) throws Exception {
        long pid = generations.pid();
        OpenFiles before = OpenFiles.of(pid);
        Map<String, String> all = new HashMap<>(IMPATIENT);
        all.putAll(options);
        Refusal failure = catchThrowableOfType(Refusal.class, () -> generations.update(all));
        assertThat(failure).as(generations::log).hasMessageContaining(reason);
        assertThat(failure.errno()).isEqualTo(errno);

        assertThat(generations.pid()).isEqualTo(pid);
        assertThat(OpenFiles.of(pid).memory()).isEqualTo(before.memory());
        generations.assertNobodyIsLeft();

        generations.update();
        assertThat(OpenFiles.of(generations.pid()).memory().keySet())
                .isEqualTo(before.memory().keySet());
    }
}
