// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory and a platform in it, which go away together, also when this program is interrupted. */
final class DemoSite implements AutoCloseable {
    private static final int LONGEST_PARENT = 60;

    private final Path dir;
    private final boolean keep;
    private final PlatformProcess platform;
    private final Thread hook = new Thread(this::interrupted, "demo-clean-up");
    private volatile boolean interrupted;

    /**
     * Starts a platform in a new directory.
     *
     * @param home the distribution
     * @param java the java executable, or null for the present one
     * @param keep whether the directory stays
     */
    DemoSite(Path home, Path java, boolean keep) throws IOException {
        this.dir = makeDirectory();
        this.keep = keep;
        PlatformSettings settings = PlatformSettings.of(home, dir);
        try {
            this.platform = PlatformProcess.start(java == null ? settings : settings.withJava(java));
        } catch (IOException e) {
            delete(dir);
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(hook);
    }

    PlatformProcess platform() {
        return platform;
    }

    Path dir() {
        return dir;
    }

    /** Whether it is being taken away, so that nothing works any more. */
    boolean isInterrupted() {
        return interrupted;
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the hook does it
        }
        cleanUp();
    }

    private void interrupted() {
        interrupted = true;
        try {
            cleanUp();
        } catch (IOException e) {
            System.err.println("luo: " + dir + " could not be removed: " + e.getMessage());
        }
    }

    private void cleanUp() throws IOException {
        platform.close();
        if (!keep) {
            delete(dir);
        }
    }

    /** Short, since the names of sockets are. */
    private static Path makeDirectory() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        return temporary.toString().length() <= LONGEST_PARENT
                ? Files.createTempDirectory(temporary, "luo")
                : Files.createTempDirectory(Path.of("/tmp"), "luo");
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> tree = Files.walk(dir)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
