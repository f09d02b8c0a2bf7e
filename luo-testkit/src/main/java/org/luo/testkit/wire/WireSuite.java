// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The conformance suite on the wire: {@code src/main/c} of this module, compiled where a C compiler is.
 *
 * <p>Shape: {@link #STAGES} stages, with a live update between one and the next. A stage but the last leaves processes
 * behind that hold sessions; they end when this is closed.
 */
public final class WireSuite implements AutoCloseable {
    /** How many there are. */
    public static final int STAGES = 3;

    static final List<String> SOURCES = List.of(
            "answer.c",
            "calls.c",
            "framing.c",
            "incoming.c",
            "lifetime.c",
            "memfd.c",
            "names.c",
            "onward.c",
            "open.c",
            "other-calls.c",
            "preserve.c",
            "process.c",
            "retrieve.c",
            "returned.c",
            "suite.c",
            "wire.h");

    private static final long PATIENCE_SECONDS = 180;

    private final Path program;
    private final List<OutputStream> gates = new ArrayList<>();

    private WireSuite(Path program) {
        this.program = program;
    }

    /**
     * Compiles it into a directory.
     *
     * @return empty if there is no C compiler
     * @throws IOException if there is one and it fails
     */
    public static Optional<WireSuite> build(Path directory) throws IOException {
        Optional<Path> compiler = compiler();
        if (compiler.isEmpty()) {
            return Optional.empty();
        }
        Path program = directory.resolve("luo-wire-suite");
        List<String> command =
                new ArrayList<>(List.of(compiler.get().toString(), "-std=c11", "-O1", "-o", program.toString()));
        for (String name : SOURCES) {
            Path source = directory.resolve(name);
            try (InputStream in = WireSuite.class.getResourceAsStream(name)) {
                Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
            }
            if (name.endsWith(".c")) {
                command.add(source.toString());
            }
        }
        Path log = directory.resolve("compiler.log");
        finish(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()), log);
        return Optional.of(new WireSuite(program));
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

    /**
     * Runs a stage, with variables added to the environment: for an emulation, those that load its library.
     *
     * @throws IOException if there is no device, or it does not come to an end; its own words are in the message
     */
    public WireAnswers ask(int stage, Map<String, String> environment) throws IOException {
        Path answers = program.resolveSibling("stage-" + stage + ".txt");
        Path errors = program.resolveSibling("stage-" + stage + ".err");
        ProcessBuilder builder = new ProcessBuilder(program.toString(), "--stage", Integer.toString(stage))
                .redirectOutput(answers.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        gates.add(finish(builder, errors));
        return WireAnswers.read(answers);
    }

    /** The process's standard input, still open: whoever was left behind waits for its end. */
    private static OutputStream finish(ProcessBuilder builder, Path log) throws IOException {
        Process process = builder.start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(builder.command().getFirst() + " does not end");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            process.getOutputStream().close();
            throw new IOException(builder.command().getFirst() + " ended with " + process.exitValue() + ": "
                    + Files.readString(log).strip());
        }
        return process.getOutputStream();
    }

    /** Ends the processes that hold sessions. */
    @Override
    public void close() throws IOException {
        for (OutputStream gate : gates) {
            gate.close();
        }
        gates.clear();
    }
}
