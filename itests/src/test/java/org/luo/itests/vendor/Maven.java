// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the Maven of this build in another directory, offline, as somebody who has only what is published. */
final class Maven {
    private static final Path COMMAND = Path.of(System.getProperty("maven.home"), "bin", "mvn");
    private static final long PATIENCE_SECONDS = 120;

    private final LocalRepository repository;
    private final Path log;

    /** @param log where the output of the last run is */
    Maven(LocalRepository repository, Path log) {
        this.repository = repository;
        this.log = log;
    }

    /** Runs goals, and fails with the output if they fail. Returns the output. */
    String run(Path in, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(COMMAND.toString(), "-B", "-ntp", "-o", "-Dmaven.repo.local=" + repository.directory()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // This build's own: what it was told on its command line is not the vendor's.
        builder.environment().keySet().removeAll(List.of("MAVEN_CMD_LINE_ARGS", "MAVEN_CONFIG", "MAVEN_ARGS"));
        builder.environment().put("MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as(() -> command + " ends; so far:\n" + output())
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(process.exitValue())
                .as(() -> command + " says:\n" + output())
                .isZero();
        return output();
    }

    private String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
