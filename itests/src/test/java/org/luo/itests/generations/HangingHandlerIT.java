// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A vendor's handler hangs in a real platform: clients are told by name, and everybody else goes on. */
@Timeout(180)
class HangingHandlerIT {
    private static final String HANGS = "preserve of memfd-p1 of " + HandlerJar.NAME;
    private static final String PRESERVE = "{\"sessions\":[\"%s\"],\"files\":1,\"bytes\":4096}";

    @TempDir
    private Path directory;

    private String bundles() throws Exception {
        Path bundles = Files.createDirectory(directory.resolve("bundles"));
        try (Stream<Path> all = Files.list(Generations.HOME.resolve("bundles"))) {
            for (Path jar : all.filter(jar -> !jar.getFileName().toString().startsWith("handler-memfd"))
                    .toList()) {
                Files.copy(jar, bundles.resolve(jar.getFileName()));
            }
        }
        Files.move(HandlerJar.with(directory, HangingMemfdHandler.class), bundles.resolve("handler-memfd.jar"));
        return bundles + ":" + Generations.HOME.resolve("workload");
    }

    @Test
    void aClientIsRefusedByNameAndStatusShowsWhoHangs() throws Exception {
        try (Generations platform =
                Generations.start(bundles(), List.of("-Dluo.call.timeout=1000", "-Dluo.callback.timeout=1000"))) {
            Luo luo = new Luo(platform);
            platform.preserve(1, 4096, "vm1");
            Path hang = Files.createFile(platform.dir().resolve("hang"));
            luo.refused(HANGS, "call", "workload.preserve", PRESERVE.formatted("vm2"));
            assertThat(luo.done("status"))
                    .containsPattern("takes long +" + HANGS + " \\[\\d+], under way for \\d+ ms, given up");
            assertThat(luo.done("files")).contains("vm1").doesNotContain("vm2");
            luo.refused(HANGS, "update", "-o", "rehearsal=20");
            Files.delete(hang);
            awaitReturn(platform);
            assertThat(platform.status()).containsEntry("files", 2L).containsEntry("sessions", 1L);
            platform.preserve(1, 4096, "vm2");
            platform.update();
            platform.verify(2);
        }
    }

    private static void awaitReturn(Generations platform) throws Exception {
        for (long end = System.nanoTime() + 30_000_000_000L;
                !List.of().equals(platform.status().get("callbacks"))
                        || !Long.valueOf(1).equals(platform.status().get("sessions")); ) {
            assertThat(System.nanoTime()).as(platform::log).isLessThan(end);
            Thread.sleep(50);
        }
    }
}
