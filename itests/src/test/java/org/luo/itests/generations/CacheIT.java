// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.testkit.RunDirectory;

/** {@code luo cache}: bundles' classes come from it, and a cache that is of no use keeps nobody from starting. */
@Timeout(180)
class CacheIT {
    @TempDir
    private Path directory;

    private RunDirectory run;

    @BeforeEach
    void makeRunDirectory() throws Exception {
        run = RunDirectory.create();
    }

    @AfterEach
    void endWhatRunsThere() throws Exception {
        run.close();
    }

    private Process luo(Path log, Map<String, String> environment, String... arguments) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(arguments).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LUO_DIR", run.path().toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** A platform that starts and ends; what it printed. */
    private String start(Path cache, String... options) throws Exception {
        Path log = directory.resolve("log");
        Process platform = luo(
                log,
                Map.of("LUO_CACHE", cache.toString(), "LUO_JAVA_OPTS", String.join(" ", options)),
                Generations.HOME.resolve("luo").toString(),
                "run");
        try {
            while (platform.isAlive() && !Files.readString(log).contains("luo ready")) {
                Thread.sleep(20);
            }
        } finally {
            platform.destroy();
        }
        assertThat(platform.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(log);
    }

    @Test
    void aPlatformStartsFromACacheAndWithoutOneThatIsOfNoUse() throws Exception {
        Path cache = directory.resolve("cache");
        Path log = directory.resolve("made");
        Process made = luo(log, Map.of(), Generations.HOME.resolve("luo").toString(), "cache", cache.toString());
        try {
            assertThat(made.waitFor()).as(Files.readString(log)).isZero();
        } finally {
            made.destroy(); // SIGTERM: it takes down what it has started
        }
        Path classes = directory.resolve("classes");
        assertThat(start(cache, "-Xlog:class+load:file=" + classes))
                .contains("luo ready")
                .doesNotContain("[aot");
        List<String> ours = Files.readAllLines(classes).stream()
                .filter(line -> line.contains(" org.luo."))
                .toList();
        assertThat(ours)
                .anyMatch(line ->
                        line.contains("org.luo.core.internal.Core ") && line.contains("source: shared objects file"));
        Files.writeString(cache, "this is no cache");
        assertThat(start(cache)).contains("luo ready", "[aot");
    }
}
