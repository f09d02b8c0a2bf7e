// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code luo bundle} as a person uses it, at a real platform whose handler keeps three files. */
@Timeout(120)
class BundleCliIT {
    private static final String HANDLER = HandlerJar.NAME;

    @TempDir
    private Path jars;

    private Generations platform;
    private Luo luo;
    private String next;

    @BeforeEach
    void start() throws Exception {
        platform = Generations.start();
        luo = new Luo(platform);
        platform.preserve(2, 8192, "vm1");
        next = HandlerJar.version(jars, "9.9.9").toString();
    }

    @AfterEach
    void stop() throws Exception {
        platform.close();
    }

    @Test
    void aRefusedUpdateOffersTwoWaysOnAndAdoptingIsOne() throws Exception {
        Luo.Result refused = luo.run("bundle", "update", next);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.error())
                .startsWith("luo: update of bundle " + HANDLER)
                .contains("refused: 3 files preserved: vm1/0x1", "[EBUSY]")
                .contains("luo bundle update " + next + " --wait", "luo bundle update " + next + " --adopt");
        Luo.Result plan = luo.run("bundle", "update", next, "--adopt", "--dry-run");
        assertThat(plan.status()).as(plan.error()).isZero();
        assertThat(plan.output()).contains("would be done", "files moved         3", "9.9.9");
        assertThat(luo.run("bundle", "update", next, "--dry-run").status()).isEqualTo(1);
        assertThat(luo.done("bundle", "update", next, "--adopt"))
                .contains("9.9.9, active: updated from ", ", 3 files adopted");
        assertThat(luo.done("bundles")).contains("9.9.9", HANDLER + ".jar", "done");
        assertThat(luo.run("bundles", "--json").json().getAsJsonArray("deployments"))
                .hasSize(1);
    }

    @Test
    void whoWaitsSeesWhatForAndNewFilesAreRefusedMeanwhile() throws Exception {
        Process waiting = luo.command("bundle", "update", next, "--wait=1m").start();
        try (BufferedReader progress = waiting.errorReader()) {
            assertThat(progress.readLine()).contains("3 files need " + HANDLER + ": vm1/0x1");
            luo.refused(
                    "takes no new files",
                    "call",
                    "workload.preserve",
                    "{\"sessions\":[\"vm2\"],\"files\":1,\"bytes\":4096}");
            luo.done("unpreserve", "vm1", "1");
            assertThat(progress.readLine()).contains("2 files need " + HANDLER);
            platform.call("workload.drop", Map.of());
            assertThat(waiting.waitFor()).isZero();
            assertThat(waiting.inputReader().readAllAsString()).contains("9.9.9, active: updated from");
        } finally {
            waiting.destroyForcibly();
        }
        platform.preserve(1, 4096, "vm3");
        platform.update();
        platform.verify(1);
    }

    @Test
    void waitingGoesOnAcrossALiveUpdate() throws Exception {
        Process waiting = luo.command("bundle", "stop", HANDLER, "--wait").start();
        try (BufferedReader progress = waiting.errorReader()) {
            assertThat(progress.readLine()).contains("3 files need");
            platform.update();
            platform.verify(2);
            platform.call("workload.finish", Map.of());
            assertThat(waiting.waitFor()).isZero();
            assertThat(waiting.inputReader().readAllAsString()).contains("resolved");
        } finally {
            waiting.destroyForcibly();
        }
        assertThat(luo.done("bundle", "start", HANDLER)).contains("active");
    }

    @Test
    void whoWaitsInVainIsToldForWhatAndNothingHasChanged() throws Exception {
        luo.refused("waited 1 s, and 3 files need " + HANDLER, "bundle", "uninstall", HANDLER, "--wait=1s");
        platform.preserve(1, 4096, "vm2");
        assertThat(luo.run("bundle", "uninstall", HANDLER, "--json").json().toString())
                .contains("\"errno\":\"EBUSY\"");
    }

    @Test
    void aBundleComesAndGoes() throws Exception {
        String other = HandlerJar.variant(jars, Map.of("Bundle-SymbolicName", "com.acme.twin"))
                .toString();
        assertThat(luo.done("bundle", "install", other))
                .startsWith("com.acme.twin [")
                .endsWith("active: installed");
        assertThat(luo.done("handlers")).contains("rejected", "taken by " + HANDLER);
        luo.refused("is there; update it [EEXIST]", "bundle", "install", other);
        assertThat(luo.done("bundle", "uninstall", "com.acme.twin")).contains("uninstalled");
        assertThat(luo.done("bundles")).doesNotContain("com.acme.twin");
        for (String missing : List.of("import", "file")) {
            String jar = missing.equals("file")
                    ? jars.resolve("none.jar").toString()
                    : HandlerJar.variant(jars, Map.of("Bundle-SymbolicName", "a.b", "Import-Package", "org.nowhere"))
                            .toString();
            luo.refused(missing.equals("file") ? "[ENOENT]" : "org.nowhere", "bundle", "install", jar);
        }
    }
}
