// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The directory with the platform's sockets, its pid and the framework's caches. Who can write there, or connect, is
 * the platform: so it must be this user's alone.
 *
 * <p>Every process has a cache of its own, {@code cache-<pid>}: a predecessor and its successor run at the same time.
 */
final class RunDirectory {
    private static final String CACHE = "cache-";
    private static final int GROUP_AND_OTHERS = 077;

    /** A socket's path has 107 bytes at most; the longest name here is {@code /.liveupdate.4194304}, or a handover's. */
    private static final int MOST_BYTES = 107 - 25;

    private final Path path;
    private final Path cache;

    private RunDirectory(Path path) {
        this.path = path;
        this.cache = path.resolve(CACHE + ProcessHandle.current().pid());
    }

    /**
     * Makes the directory if there is none, and tidies up behind processes that have ended.
     *
     * @throws CannotStart if it belongs to somebody else, or others may look into it, or its path is too long for sockets
     */
    static RunDirectory open(Path path) throws CannotStart, IOException {
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_BYTES) {
            throw new CannotStart(
                    "run directory " + path + ": its path has " + bytes + " bytes, and must have no more than "
                            + MOST_BYTES + " so that sockets fit in; choose a shorter one with -Dluo.dir=, or LUO_DIR");
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new CannotStart("run directory " + path + ": not a directory");
        }
        int user = user();
        int owner = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (owner != user) {
            throw new CannotStart("run directory " + path + ": belongs to user " + owner + ", not to " + user);
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0777;
        if ((mode & GROUP_AND_OTHERS) != 0) {
            throw new CannotStart("run directory " + path + ": mode is " + Integer.toOctalString(mode)
                    + ", and must be 700 so that nobody else can get in");
        }
        RunDirectory directory = new RunDirectory(path);
        directory.deleteStaleCaches();
        return directory;
    }

    /** The effective user of this process. */
    static int user() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    Path path() {
        return path;
    }

    /** Where the framework of this process keeps its files; not there yet. */
    Path cache() {
        return cache;
    }

    /** Deletes this process's cache. */
    void leave() {
        delete(cache);
    }

    /** One with this process's own pid is what was here before it executed another program in place. */
    private void deleteStaleCaches() throws IOException {
        try (DirectoryStream<Path> caches = Files.newDirectoryStream(path, CACHE + "*")) {
            for (Path one : caches) {
                if (one.equals(cache) || !isInUse(one)) {
                    delete(one);
                }
            }
        }
    }

    private static boolean isInUse(Path cache) {
        try {
            long pid = Long.parseLong(cache.getFileName().toString().substring(CACHE.length()));
            return Incarnation.running(pid).isPresent();
        } catch (NumberFormatException e) {
            return true;
        }
    }

    /** What can't be deleted stays for the next start to try. */
    private static void delete(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // in use, or gone already
        }
    }
}
