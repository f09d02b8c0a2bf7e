// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A C program beside these classes: compiled where a compiler is there, run in turn with what is measured. */
final class CProgram {
    private final Path program;

    private CProgram(Path program) {
        this.program = program;
    }

    /**
     * Compiles it into a directory.
     *
     * @param name of its source, without {@code .c}
     * @return empty if there is no C compiler
     * @throws IOException if there is one and it fails
     */
    static Optional<CProgram> build(Path directory, String name) throws IOException {
        Optional<Path> compiler = compiler();
        if (compiler.isEmpty()) {
            return Optional.empty();
        }
        Path source = directory.resolve(name + ".c");
        try (InputStream in = CProgram.class.getResourceAsStream(name + ".c")) {
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        Path program = directory.resolve(name);
        run(new ProcessBuilder(compiler.get().toString(), "-O2", "-o", program.toString(), source.toString()));
        return Optional.of(new CProgram(program));
    }

    private static Optional<Path> compiler() {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
            for (String name : List.of("cc", "gcc", "clang")) {
                Path candidate = Path.of(directory, name);
                if (Files.isExecutable(candidate)) {
                    return Optional.of(candidate);
                }
            }
        }
        return Optional.empty();
    }

    /** How to start it with some arguments. */
    ProcessBuilder command(Object... arguments) {
        return new ProcessBuilder(Stream.concat(
                        Stream.of(program.toString()), Arrays.stream(arguments).map(Object::toString))
                .toList());
    }

    /** Runs it and reads a figure from each line it prints. */
    List<Double> figures(Map<String, String> environment, Object... arguments) throws IOException {
        ProcessBuilder builder = command(arguments);
        builder.environment().putAll(environment);
        return run(builder).lines().map(Double::valueOf).toList();
    }

    private static String run(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(builder.command().getFirst() + " failed: " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return output;
    }
}
