// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Live updates to a JVM whose handler is of another version: a newer one reads what the older one has written as well as
 * its own, an older one is refused, naming each file that it could not read, before anything is frozen.
 */
@Timeout(180)
class HandlerVersionsIT {
    private static final String OLDER = Generations.BUNDLES;
    private static final long FILES = 4;

    @TempDir
    private Path directory;

    private String newer;

    @BeforeEach
    void aDistributionWithTheNewerHandler() throws Exception {
        Path bundles = Files.createDirectory(directory.resolve("bundles"));
        try (Stream<Path> all = Files.list(Generations.HOME.resolve("bundles"))) {
            for (Path jar : all.filter(jar -> !jar.getFileName().toString().startsWith("handler-memfd"))
                    .toList()) {
                Files.copy(jar, bundles.resolve(jar.getFileName()));
            }
        }
        Files.move(HandlerJar.newer(directory), bundles.resolve("handler-memfd.jar"));
        newer = bundles + ":" + Generations.HOME.resolve("workload");
    }

    /** How many files there are in which format. */
    @SuppressWarnings("unchecked") // a list of JSON objects
    private static Map<Object, Long> formats(Generations platform) throws Exception {
        return ((List<Map<String, Object>>) platform.call("files", Map.of()).get("files"))
                .stream().collect(Collectors.groupingBy(file -> file.get("compatible"), Collectors.counting()));
    }

    private static Luo.Result check(Generations platform, String bundles) throws Exception {
        String[] each = bundles.split(":");
        return new Luo(platform).run("check", "--successor", "--bundles", each[0], "--bundles", each[1]);
    }

    private static Luo.Result update(Generations platform, String bundles) throws Exception {
        String[] each = bundles.split(":");
        return new Luo(platform).run("update", "-o", "rehearsal=20", "--bundles", each[0], "--bundles", each[1]);
    }

    @Test
    void aNewerHandlerReadsTheOlderFormatAndItsOwn() throws Exception {
        try (Generations platform = Generations.start(OLDER)) {
            platform.preserve(4, 16384, "vm1", "vm2");
            Luo.Result check = check(platform, newer);
            assertThat(check.status()).as(check.error()).isZero();
            assertThat(formats(platform)).isEqualTo(Map.of("memfd-p1", FILES + 1));

            platform.update(Map.of("bundles", newer));
            assertThat(formats(platform)).isEqualTo(Map.of("memfd-p1", FILES + 1));
            platform.preserve(1, 4096, "vm3");
            assertThat(formats(platform)).isEqualTo(Map.of("memfd-p1", FILES + 1, "memfd-p2", 2L));

            platform.update(Map.of("bundles", newer)); // unclaimed ones go on as they came
            assertThat(formats(platform)).isEqualTo(Map.of("memfd-p1", FILES + 1, "memfd-p2", 2L));
            platform.verify(FILES + 1);
            assertThat(platform.call("workload.finish", Map.of())).containsEntry("sessions", 3L);
            assertThat(platform.status()).containsEntry("files", 0L);
        }
    }

    @Test
    void anOlderHandlerIsRefusedNamingEachFileItCouldNotReadAndThePlatformGoesOn() throws Exception {
        try (Generations platform = Generations.start(newer)) {
            platform.preserve(4, 16384, "vm1", "vm2");
            long pid = platform.pid();
            refused(check(platform, OLDER));
            goesOn(platform, pid, "vm3");
            refused(update(platform, OLDER));
            goesOn(platform, pid, "vm4");
            platform.call("workload.write", Map.of());
            platform.update(Map.of("bundles", newer));
            platform.verify(FILES);
        }
    }

    private static void refused(Luo.Result result) {
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.error())
                .contains("cannot read memfd-p2 (")
                .contains("vm1/0x1", "vm1/0x2", "vm2/0x1", "vm2/0x2", "vm1/0xffffffffffffffff")
                .endsWith(") [ENOENT]");
    }

    /** Nothing is frozen, nobody is left of the successor, and clients are served. */
    private static void goesOn(Generations platform, long pid, String session) throws Exception {
        assertThat(platform.status())
                .containsEntry("pid", pid)
                .containsEntry("state", "normal")
                .containsEntry("live_updates", 0L);
        platform.assertNobodyIsLeft();
        assertThat(formats(platform)).isEqualTo(Map.of("memfd-p2", FILES + 1));
        platform.preserve(1, 4096, session);
        assertThat(new Luo(platform).done("files"))
                .contains(session, "preserved")
                .doesNotContain("frozen");
        platform.call("unpreserve", Map.of("session", session, "token", "0x1"));
        platform.call("unpreserve", Map.of("session", session, "token", "0xffffffffffffffff"));
    }

    @Test
    void whatAnOlderHandlerCanReadIsNotNamed() throws Exception {
        try (Generations platform = Generations.start(OLDER)) {
            platform.preserve(1, 4096, "old");
            platform.update(Map.of("bundles", newer));
            platform.preserve(1, 4096, "new");
            Luo.Result refused = check(platform, OLDER);
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.error())
                    .contains("cannot read memfd-p2 (new/0x1, new/0xffffffffffffffff) [ENOENT]")
                    .doesNotContain("memfd-p1", "old/");
            platform.call("workload.drop", Map.of());
            assertThat(check(platform, OLDER).status()).isZero();
            platform.update(Map.of("bundles", OLDER));
            platform.verify(1);
        }
    }
}
