// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luo.testkit.RunDirectory;

/** The distribution's tar.gz, unpacked where there is no source. */
class TarballIT {
    private static final Path TARBALL = Packages.file(".tar.gz");

    @TempDir
    Path elsewhere;

    @BeforeEach
    void unpack() throws Exception {
        Run.Result unpacked = Run.run(List.of("tar", "-xzf", TARBALL.toString(), "-C", elsewhere.toString()));
        assertThat(unpacked.status()).as(unpacked.output()).isZero();
    }

    private String luo() {
        return elsewhere
                .resolve(TARBALL.getFileName().toString().replace(".tar.gz", ""))
                .resolve("luo")
                .toString();
    }

    @Test
    void theDemonstrationHolds() throws Exception {
        Run.Result demo = Run.run(List.of(luo(), "demo", "--files", "4", "--bytes", "1M"));
        assertThat(demo.status()).as(demo.output()).isZero();
        assertThat(demo.output()).contains("All held.");
    }

    @Test
    void aPlatformRunsInTheForegroundAndEndsInOrder() throws Exception {
        try (RunDirectory dir = RunDirectory.create()) {
            Run run = Run.start(
                    dir, Map.of(), List.of(luo(), "run", "--dir", dir.path().toString()));
            assertThat(run.luo("status", "--json").json().get("enforcement").getAsString())
                    .isEqualTo("enforced");
            assertThat(run.luo("stop").status()).isZero();
            assertThat(run.process().waitFor()).as(run::log).isZero();
        }
    }

    /** Else the same sources would not give the same bytes. */
    @Test
    void nothingInItDependsOnWhenAndByWhomItWasBuilt() throws Exception {
        Run.Result list =
                Run.run(List.of("tar", "--numeric-owner", "--full-time", "--utc", "-tvzf", TARBALL.toString()));
        assertThat(list.output().lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains(" 0/0 ").contains(" 2026-01-01 00:00:00 "));
        try (var bytes = Files.newInputStream(TARBALL)) {
            assertThat(bytes.readNBytes(8)).as("time in the header of gzip").endsWith(0, 0, 0, 0);
        }
    }
}
