// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.luo.itests.generations.Generations;

/** A program that knows only /dev/liveupdate, started with {@code luo exec}; steps are lines on its standard streams. */
final class Program implements AutoCloseable {
    static final Path SOURCES =
            Path.of("..", "preload", "src", "test").toAbsolutePath().normalize();

    private final Process process;
    private final BufferedReader output;

    private Program(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    /** Compiles one of the preload library's C programs, or skips the test where nothing can be compiled. */
    static Path compile(String name, Path directory) throws Exception {
        assumeTrue(
                Files.exists(Generations.HOME.resolve("native/libluo-preload.so")),
                "no C compiler was there to build the preload library");
        Path program = directory.resolve(name);
        Path source = SOURCES.resolve("c").resolve(name + ".c");
        Process compiler = new ProcessBuilder("cc", "-O1", "-pthread", "-o", program.toString(), source.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(compiler.inputReader().readAllAsString()).isEmpty();
        assertThat(compiler.waitFor()).isZero();
        return program;
    }

    /** Starts a program on a platform. */
    static Program start(Generations platform, Object... command) throws IOException {
        Stream<String> launcher = Stream.of(
                Generations.HOME.resolve("luo").toString(),
                "exec",
                "--dir",
                platform.dir().toString(),
                "--");
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(launcher, Stream.of(command).map(Object::toString))
                        .toList());
        builder.environment().put("LUO_JAVA_HOME", System.getProperty("java.home"));
        return new Program(builder.redirectErrorStream(true).start());
    }

    /** Reads a line, which has to be this one. */
    void says(String line) throws IOException {
        assertThat(output.readLine()).isEqualTo(line);
    }

    /** Lets it go on, and waits until it has ended well. */
    void goOn() throws Exception {
        Writer input = process.outputWriter();
        input.write("go on\n");
        input.flush();
        endsWell();
    }

    void endsWell() throws Exception {
        says("done");
        assertThat(process.waitFor()).isZero();
    }

    /** All it prints until it ends. */
    List<String> lines() {
        return output.lines().toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
