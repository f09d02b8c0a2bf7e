// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The directory itself. Whoever can write there runs code in the platform: so it must be this user's, or root's, and
 * nobody else's to write.
 */
final class Folder implements AutoCloseable {
    private static final int WRITABLE_BY_OTHERS = 022;

    /** How often to look where there is nobody to tell. */
    private static final long UNWATCHED_MILLIS = 1_000;

    private final Path directory;
    private WatchService watch;
    private WatchKey key;

    /**
     * What tells one content of a file from another, without reading it.
     *
     * @param size in bytes
     * @param modified in ms since 1970
     * @param key which file it is, if the file system says so
     */
    record Stamp(long size, long modified, Object key) {
        boolean isYoungerThan(long millis) {
            return Math.abs(System.currentTimeMillis() - modified) < millis;
        }
    }

    private Folder(Path directory) {
        this.directory = directory;
    }

    /**
     * Makes the directory if there is none.
     *
     * @throws IOException if it can't be made, is no directory, or others may write there
     */
    static Folder open(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.isDirectory(directory)) {
            throw new IOException("deploy folder " + directory + ": not a directory");
        }
        int owner = (int) Files.getAttribute(directory, "unix:uid");
        int user = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (owner != user && owner != 0) {
            throw new IOException("deploy folder " + directory + ": belongs to user " + owner + ", not to " + user);
        }
        int mode = (int) Files.getAttribute(directory, "unix:mode") & 0777;
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            throw new IOException("deploy folder " + directory + ": mode is " + Integer.toOctalString(mode)
                    + ", so others could have their code run here; chmod go-w it");
        }
        return new Folder(directory);
    }

    Path path() {
        return directory;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** The jars that are there, by name; what is hidden, or no plain file, is not looked at. */
    Map<String, Stamp> scan() throws IOException {
        Map<String, Stamp> found = new TreeMap<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "[!.]*.jar")) {
            for (Path jar : jars) {
                stamp(jar, found);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    private static void stamp(Path jar, Map<String, Stamp> found) {
        try {
            Stamp stamp = stamp(jar);
            if (stamp != null) {
                found.put(jar.getFileName().toString(), stamp);
            }
        } catch (IOException e) {
            // it has gone again, or is a link that leads nowhere
        }
    }

    private static Stamp stamp(Path jar) throws IOException {
        BasicFileAttributes file = Files.readAttributes(jar, BasicFileAttributes.class);
        return file.isRegularFile()
                ? new Stamp(file.size(), file.lastModifiedTime().toMillis(), file.fileKey())
                : null;
    }

    /** Copies a file there, where nobody looks for it yet. Undo: closing what comes back. */
    Staged stage(String name, Path content) throws IOException {
        return new Staged(
                Files.copy(content, directory.resolve("." + name + ".new"), StandardCopyOption.REPLACE_EXISTING),
                path(name));
    }

    /**
     * A file that is there but for its name.
     *
     * @param staged where it is
     * @param path where it is to be
     */
    record Staged(Path staged, Path path) implements AutoCloseable {
        /** Puts it in the place of the file of its name, at once. */
        Stamp commit() throws IOException {
            return stamp(Files.move(staged, path, StandardCopyOption.ATOMIC_MOVE));
        }

        @Override
        public void close() throws IOException {
            Files.deleteIfExists(staged);
        }
    }

    /** Waits until something may have changed there, but not for longer than this. */
    void await(long millis) throws InterruptedException {
        if (key != null && key.isValid()) {
            WatchKey changed = watch.poll(millis, TimeUnit.MILLISECONDS);
            if (changed != null) {
                changed.pollEvents();
                changed.reset();
            }
        } else if (!watch()) {
            Thread.sleep(Math.min(millis, UNWATCHED_MILLIS));
        }
    }

    /** Whether the kernel tells of changes from now on. */
    private boolean watch() {
        try {
            if (watch == null) {
                watch = directory.getFileSystem().newWatchService();
            }
            key = directory.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        if (watch != null) {
            watch.close();
        }
    }
}
