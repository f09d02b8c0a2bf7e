// SPDX-License-Identifier: Apache-2.0
package org.luo.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The C program {@code floor.c}: compiled where a compiler is there, run in turn with what is measured. */
final class CFloor {
    private final Path program;

    private CFloor(Path program) {
        this.program = program;
    }

    /**
     * Compiles it into a directory.
     *
     * @return empty if there is no C compiler
     * @throws IOException if there is one and it fails
     */
    static Optional<CFloor> build(Path directory) throws IOException {
        Optional<Path> compiler = compiler();
        if (compiler.isEmpty()) {
            return Optional.empty();
        }
        Path source = directory.resolve("floor.c");
        try (InputStream in = CFloor.class.getResourceAsStream("floor.c")) {
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        Path program = directory.resolve("floor");
        run(List.of(compiler.get().toString(), "-O2", "-o", program.toString(), source.toString()));
        return Optional.of(new CFloor(program));
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

    /** Milliseconds of each of some runs with this many files and an image of this size. */
    List<Double> measure(int files, long imageBytes, int runs) throws IOException {
        List<Double> figures = new ArrayList<>();
        for (String line : run(List.of(
                        program.toString(), Integer.toString(files), Long.toString(imageBytes), Integer.toString(runs)))
                .lines()
                .toList()) {
            figures.add(Double.parseDouble(line));
        }
        return figures;
    }

    private static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command.getFirst() + " failed: " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return output;
    }
}
