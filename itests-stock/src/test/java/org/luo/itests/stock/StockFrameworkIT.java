// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.felix.framework.Felix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.testkit.RunDirectory;

/** The OSGi feature on frameworks and a launcher that know nothing of us: advisory pins, real memfds, live updates. */
class StockFrameworkIT {
    private static final String HANDLER = "org.luo.handler.memfd";
    private static final String[] UPDATE = {"update", "--json", "-o", "rehearsal=20"};

    @ParameterizedTest
    @ValueSource(strings = {"Felix", "Equinox"})
    void thePlatformRunsAndLosesNothing(String framework) throws Exception {
        try (RunDirectory dir = RunDirectory.create()) {
            Run run = Run.start(dir, Map.of(), commandLine(framework, dir.path()));
            assertThat(run.luo("status", "--json").json().get("enforcement").getAsString())
                    .isEqualTo("advisory");
            run.luo("call", "workload.preserve", Run.PRESERVE).json();
            ourCommandRefuses(run);
            aStopBehindOurBackLosesNothing(run);
            for (int update = 1; update <= 2; update++) {
                JsonObject report = run.luo(UPDATE).json();
                assertThat(report.get("files").getAsInt()).isEqualTo(3);
                assertThat(report.get("number").getAsInt()).isEqualTo(update);
            }
            JsonObject verified = run.luo("call", "workload.verify").json();
            assertThat(verified.get("files").getAsInt()).isEqualTo(2);
            assertThat(verified.get("mismatch_count").getAsInt()).isZero();
            assertThat(run.luo("status", "--json").json().get("enforcement").getAsString())
                    .isEqualTo("advisory");
        }
    }

    private static void ourCommandRefuses(Run run) throws Exception {
        Run.Result refused = run.luo("call", "bundle.stop", "{\"bundle\":\"" + HANDLER + "\"}");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("refused: 3 files preserved: vm1/0x");
    }

    /** The Gogo shell asks nobody. */
    private static void aStopBehindOurBackLosesNothing(Run run) throws Exception {
        assertThat(run.luo("shell", "stop", HANDLER).status()).isZero();
        assertThat(run.luo("handlers").output()).contains("orphaned");
        for (String[] command : new String[][] {{"prepare"}, UPDATE}) {
            Run.Result refused = run.luo(command);
            assertThat(refused.status()).as(refused.output()).isEqualTo(1);
            assertThat(refused.output()).contains("vm1/0x");
        }
        run.luo("call", "bundle.start", "{\"bundle\":\"" + HANDLER + "\"}").json();
        run.await(
                "its handler takes them over",
                () -> run.luo("handlers").output().contains("orphaned") ? null : true);
    }

    private static List<String> commandLine(String framework, Path dir) throws Exception {
        List<String> classPath = new ArrayList<>(List.of(framework.equals("Felix") ? felix() : equinox()));
        classPath.add(code(StockLauncher.class));
        try (Stream<Path> jars = Files.list(Run.HOME.resolve("lib"))) {
            jars.filter(jar -> jar.getFileName().toString().startsWith("slf4j"))
                    .forEach(jar -> classPath.add(jar.toString()));
        }
        List<String> line = new ArrayList<>(List.of(
                Run.JAVA.toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Dluo.dir=" + dir,
                "-cp",
                String.join(":", classPath),
                StockLauncher.class.getName()));
        OsgiFeature.read()
                .files()
                .forEach(
                        jar -> line.add(Run.HOME.resolve("bundles").resolve(jar).toString()));
        try (Stream<Path> jars = Files.list(Run.HOME.resolve("workload"))) {
            jars.forEach(jar -> line.add(jar.toString()));
        }
        return line;
    }

    private static String felix() throws Exception {
        return code(Felix.class);
    }

    private static String equinox() throws IOException {
        return Frameworks.file("org.eclipse.osgi-").toString();
    }

    private static String code(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }
}
