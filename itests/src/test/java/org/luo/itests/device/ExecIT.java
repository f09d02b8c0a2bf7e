// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.luo.itests.generations.Generations;

/** {@code luo exec} itself: whose process it is, what the program finds, and what is said when it can't work. */
@Timeout(60)
class ExecIT {
    private static final Path LIBRARY = Generations.HOME.resolve("native/libluo-preload.so");

    @TempDir
    private Path directory;

    /** How a command ended: its status, and its standard output and error. */
    private record Result(int status, long pid, String output, String error) {}

    private Result luo(Path home, Map<String, String> environment, Object... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(home.resolve("luo").toString()));
        for (Object argument : arguments) {
            line.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LUO_DIR", directory.toString());
        builder.environment().putAll(environment);
        Path error = directory.resolve("error");
        Process process = builder.redirectError(error.toFile()).start();
        try {
            String output = process.inputReader().readAllAsString().strip();
            return new Result(
                    process.waitFor(),
                    process.pid(),
                    output,
                    Files.readString(error).strip());
        } finally {
            process.destroyForcibly();
        }
    }

    private Result exec(Object... arguments) throws Exception {
        assumeTrue(Files.exists(LIBRARY), "no C compiler was there to build the preload library");
        List<Object> all = new ArrayList<>(List.of("exec"));
        all.addAll(List.of(arguments));
        return luo(Generations.HOME, Map.of("LD_PRELOAD", "libm.so.6"), all.toArray());
    }

    @Test
    void theProgramTakesThePlaceOfLuo() throws Exception {
        Result result = exec("--", "sh", "-c", "echo $$; exit 42");
        assertThat(result.status()).isEqualTo(42);
        assertThat(result.output()).isEqualTo(Long.toString(result.pid()));
        assertThat(exec("sh", "-c", "kill -TERM $$").status()).isEqualTo(128 + 15);
    }

    @Test
    void theProgramFindsTheLibraryAndTheSocket() throws Exception {
        String show = "echo $LD_PRELOAD $LUO_DEVICE_SOCKET";
        assertThat(exec("sh", "-c", show).output()).isEqualTo(LIBRARY + ":libm.so.6 " + directory + "/liveupdate");
        assertThat(exec("--dir", "/a", "--", "sh", "-c", show).output()).endsWith(" /a/liveupdate");
        assertThat(exec("--dir=/b", "sh", "-c", show).output()).endsWith(" /b/liveupdate");
    }

    @Test
    void argumentsAreTheProgramsOwn() throws Exception {
        assertThat(exec("--", "printf", "<%s>", "--dir", "a b", "", "--").output())
                .isEqualTo("<--dir><a b><><-->");
        assertThat(exec("printf", "%s", "--help").output()).isEqualTo("--help");
    }

    @Test
    void aPlatformThatDoesNotRunIsSaidAndTheDeviceIsMissing() throws Exception {
        Result result = exec("sh", "-c", "exec 3</dev/liveupdate");
        assertThat(result.error()).contains("no platform serves " + directory + "/liveupdate", "luo run");
        assertThat(result.status()).isNotZero();
    }

    @Test
    void whatCannotWorkIsSaidWithARemedy() throws Exception {
        assertThat(exec().status()).isEqualTo(2);
        assertThat(exec("--nonsense", "true").status()).isEqualTo(2);
        assertThat(exec("no-such-program"))
                .extracting(Result::status, Result::error)
                .containsExactly(127, "luo: exec: no program 'no-such-program'");
        Path source = Files.writeString(directory.resolve("static.c"), "int main(void) { return 7; }\n");
        Path program = directory.resolve("static");
        assumeTrue(
                new ProcessBuilder("cc", "-static", "-o", program.toString(), source.toString())
                                .start()
                                .waitFor()
                        == 0,
                "nothing can be linked statically here");
        Result result = exec(program);
        assertThat(result.status()).isEqualTo(7);
        assertThat(result.error()).contains("statically linked", "link it dynamically");
    }

    @Test
    void aMissingLibraryIsSaid() throws Exception {
        Files.copy(Generations.HOME.resolve("luo"), directory.resolve("luo"));
        Files.createDirectory(directory.resolve("lib"));
        Result result = luo(directory, Map.of(), "exec", "true");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.error()).contains("there is no " + directory + "/native", "install one and build again");
    }
}
