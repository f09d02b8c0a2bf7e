// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A platform of one's own, started as a child process, and its successors, which are nobody's children.
 *
 * <p>All of them are found by their command line, which names their run directory; so nothing is left behind whatever
 * moment a test or a demonstration ends at. Not thread-safe but for {@link #close()}.
 */
public final class PlatformProcess implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int TAIL_LINES = 20;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    private final PlatformSettings settings;
    private final Process first;

    private PlatformProcess(PlatformSettings settings, Process first) {
        this.settings = settings;
        this.first = first;
    }

    /** Starts the platform; it is not ready yet. */
    public static PlatformProcess start(PlatformSettings settings) throws IOException {
        Files.createDirectories(settings.dir(), PosixFilePermissions.asFileAttribute(PRIVATE));
        Process process = new ProcessBuilder(settings.commandLine())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(settings.log().toFile()))
                .start();
        return new PlatformProcess(settings, process);
    }

    /** The process that was started. */
    public long pid() {
        return first.pid();
    }

    /**
     * Waits until the platform answers and all its bundles are active.
     *
     * @throws IOException if it ended, or is not ready in time; with the end of its log
     */
    public void awaitReady(Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!isReady()) {
            if (!first.isAlive() && generations().isEmpty()) {
                throw new IOException("the platform has ended, at first with status " + first.exitValue() + logTail());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("the platform is not ready after " + patience.toSeconds() + " s" + logTail());
            }
            pause();
        }
    }

    /** A new connection to whichever generation serves. */
    public AdminClient connect() throws IOException {
        return AdminClient.connect(settings.dir());
    }

    /** The processes of this platform that live: usually one, two while it is being updated. */
    public List<ProcessHandle> generations() {
        return ProcessHandle.allProcesses().filter(this::isGeneration).toList();
    }

    /**
     * Waits until a process has ended. One that nobody has waited for yet, as happens where process 1 is no init, has.
     *
     * @return whether it has
     */
    public static boolean awaitEnd(long pid, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (isRunning(pid)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            pause();
        }
        return true;
    }

    private static boolean isRunning(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** The last lines of the log, each on a line of its own after a heading. */
    public String logTail() {
        try {
            List<String> lines = Files.readAllLines(settings.log());
            return "; the end of its log " + settings.log() + ":\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "; its log " + settings.log() + " can't be read: " + e.getMessage();
        }
    }

    /** Kills every generation at once. One that is just being started shows up a moment later: so it looks again. */
    @Override
    public void close() {
        first.destroyForcibly();
        int quiet = 0;
        for (int round = 0; round < 500 && quiet < 3; round++) {
            List<ProcessHandle> left = generations();
            left.forEach(ProcessHandle::destroyForcibly);
            quiet = left.isEmpty() && !first.isAlive() ? quiet + 1 : 0;
            try {
                pause();
            } catch (IOException e) {
                return; // interrupted, and all there was has been killed once
            }
        }
    }

    private boolean isReady() {
        try (AdminClient client = connect()) {
            return Boolean.TRUE.equals(client.call("status", Map.of()).get("ready"));
        } catch (IOException | AdminException e) {
            return false;
        }
    }

    private boolean isGeneration(ProcessHandle process) {
        List<String> arguments = process.info().arguments().map(Arrays::asList).orElse(List.of());
        return arguments.contains(settings.directoryArgument()) && arguments.contains(PlatformSettings.MAIN);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
