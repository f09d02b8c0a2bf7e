// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A run directory for a test's platforms; they end with it, whoever has started them.
 *
 * <p>A successor is nobody's child once its predecessor has left, and a platform that somebody else's launcher starts
 * writes no pid file. So its processes are found by their command lines, which name the directory.
 */
public final class RunDirectory implements AutoCloseable {
    private static final int QUIET_LOOKS = 3;
    private static final int PAUSE_MILLIS = 10;

    private final Path path;

    private RunDirectory(Path path) {
        this.path = path;
    }

    /** Makes one in {@code /tmp}: the names of sockets have to be short. */
    public static RunDirectory create() throws IOException {
        return new RunDirectory(Files.createTempDirectory(Path.of("/tmp"), "luo"));
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** The processes that live and name it: every generation of a platform, and commands that talk to it. */
    public List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses().filter(this::isNamedBy).toList();
    }

    private boolean isNamedBy(ProcessHandle process) {
        try {
            // Not ProcessHandle.Info, which knows nothing of a command line that is longer than a page.
            String line = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
            return Stream.of(line.split("\0")).anyMatch(each -> each.equals("" + path) || each.endsWith("=" + path));
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    /** Kills all of them; one that is just being started shows up a moment later, so it looks again. */
    public void kill() {
        boolean interrupted = false;
        for (int quiet = 0; quiet < QUIET_LOOKS; ) {
            List<ProcessHandle> left = processes();
            left.forEach(ProcessHandle::destroyForcibly);
            quiet = left.isEmpty() ? quiet + 1 : 0;
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true; // a test that has timed out cleans up too
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills all that names it, and takes it away. */
    @Override
    public void close() throws IOException {
        kill();
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path each : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
