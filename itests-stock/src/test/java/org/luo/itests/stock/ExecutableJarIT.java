// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.luo.testkit.RunDirectory;

/** {@code java -jar luo.jar}, with nothing else there. */
class ExecutableJarIT {
    private static final Path JAR = Packages.file(".jar");
    private static final String[] UPDATE = {"update", "--json", "-o", "rehearsal=20"};

    private static List<String> jar(Path java, String... arguments) {
        List<String> line = new ArrayList<>(List.of(java.toString(), "-jar", JAR.toString()));
        line.addAll(List.of(arguments));
        return line;
    }

    @Test
    void oneProcessIsInTheForegroundWhileThePlatformLiveUpdatesItself() throws Exception {
        try (RunDirectory directory = RunDirectory.create()) {
            Path dir = directory.path();
            List<String> line = jar(Run.JAVA, "run", "--dir", dir.toString(), "--bundles", JAR.toString());
            line.addAll(List.of("--bundles", Run.HOME.resolve("workload").toString()));
            Run run = Run.start(directory, Map.of(), line);
            run.luo("call", "workload.preserve", Run.PRESERVE).json();
            for (int update = 1; update <= 2; update++) {
                assertThat(run.luo(UPDATE).json().get("files").getAsInt()).isEqualTo(3);
            }
            assertThat(run.luo("call", "workload.verify")
                            .json()
                            .get("mismatch_count")
                            .getAsInt())
                    .isZero();
            assertThat(run.process().isAlive()).isTrue();
            assertThat(pid(run)).isNotEqualTo(run.process().pid());
            run.luo("call", "workload.finish").json();
            run.process().destroy(); // SIGTERM, which is passed on
            assertThat(run.process().waitFor()).as(run::log).isZero();
            assertThat(dir.resolve("pid")).doesNotExist();
        }
    }

    private static long pid(Run run) throws Exception {
        return run.luo("status", "--json").json().get("pid").getAsLong();
    }

    @Test
    void itKnowsTheCommandsThatTalkToAPlatform() throws Exception {
        try (RunDirectory directory = RunDirectory.create()) {
            Path dir = directory.path();
            Run run = Run.start(directory, Map.of(), jar(Run.JAVA, "--dir", dir.toString()));
            Run.Result handlers = Run.run(jar(Run.JAVA, "--dir", dir.toString(), "handlers"));
            assertThat(handlers.status()).as(handlers.output()).isZero();
            assertThat(handlers.output()).contains("memfd-p1");
            Run.Result second = Run.run(jar(Run.JAVA, "run", "--dir", dir.toString()));
            assertThat(second.status()).isEqualTo(1);
            assertThat(second.output()).contains("a platform is running in " + dir + " already");
            assertThat(Run.run(jar(Run.JAVA, "stop", "--dir", dir.toString())).status())
                    .isZero();
            assertThat(run.process().waitFor()).as(run::log).isZero();
        }
    }

    @Test
    void whatItCannotDoItSays() throws Exception {
        Run.Result demo = Run.run(jar(Run.JAVA, "demo"));
        assertThat(demo.status()).isEqualTo(2);
        assertThat(demo.output()).contains("luo: demo needs the distribution");
        assertThat(Run.run(jar(Run.JAVA, "run", "--dir")).output()).isEqualTo("luo: --dir needs a directory");
    }

    @Test
    void anOldJavaIsToldWhatIsNeeded() throws Exception {
        Optional<Path> old = oldJava();
        assumeTrue(old.isPresent(), "no Java older than 25 in /usr/lib/jvm");
        Run.Result refused = Run.run(jar(old.get()));
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).startsWith("luo: needs Java 25 or newer; this is Java ");
    }

    private static Optional<Path> oldJava() throws IOException {
        Path installed = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(installed)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(installed)) {
            return homes.filter(home -> {
                        try {
                            return Files.readString(home.resolve("release"))
                                    .matches("(?s).*JAVA_VERSION=\"(1\\.8|9|1\\d|2[0-4])\\D.*");
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }
}
