// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * What the caller of an update may say, by name:
 *
 * <ul>
 *   <li>{@code java}: JDK or JRE home of the successor; default this JVM's
 *   <li>{@code bundles}: bundle directories of the successor, separated by {@code :}; default this process's
 *   <li>{@code jvm}: JVM arguments to add, separated by spaces; they stay in later generations
 *   <li>{@code timeout.boot}: seconds until the successor's framework must be up; default 60
 *   <li>{@code timeout.answer}: milliseconds for every answer of the successor; default 10000
 *   <li>{@code rehearsal}: milliseconds to rehearse each half before the blackout, so that it is short; default
 *       600
 *   <li>{@code grace}: milliseconds from the confirmation until the successor must be healthy; default 10000
 * </ul>
 *
 * @param java home of the successor's JVM
 * @param bundles value of the successor's {@code luo.bundles}; empty to leave it as it is
 * @param jvm JVM arguments to add
 * @param boot how long the successor may take to boot
 * @param answer how long it may take to answer
 * @param rehearsal how long to rehearse
 * @param grace how long it may take to become healthy
 */
record Options(
        Path java,
        Optional<String> bundles,
        List<String> jvm,
        Duration boot,
        Duration answer,
        Duration rehearsal,
        Duration grace) {
    /** Longest rehearsal, in milliseconds. */
    static final int MAX_REHEARSAL = 60_000;

    private static final int OLDEST_JAVA = 25;
    private static final Set<String> NAMES =
            new TreeSet<>(Set.of("java", "bundles", "jvm", "timeout.boot", "timeout.answer", "rehearsal", "grace"));

    /** @throws LuoException EINVAL for a name that is not known or a value that makes no sense */
    static Options parse(Map<String, String> options) throws LuoException {
        for (String name : options.keySet()) {
            if (!NAMES.contains(name)) {
                throw invalid(name, "not known; process handover knows " + String.join(", ", NAMES));
            }
        }
        return new Options(
                java(options.getOrDefault("java", System.getProperty("java.home"))),
                bundles(options.get("bundles")),
                Stream.of(options.getOrDefault("jvm", "").split(" "))
                        .filter(argument -> !argument.isEmpty())
                        .toList(),
                Duration.ofSeconds(number(options, "timeout.boot", 60, 3600)),
                Duration.ofMillis(number(options, "timeout.answer", 10_000, 600_000)),
                Duration.ofMillis(number(options, "rehearsal", 600, MAX_REHEARSAL)),
                Duration.ofMillis(number(options, "grace", 10_000, 600_000)));
    }

    /** The executable of the successor's JVM. */
    Path executable() {
        return java.resolve("bin/java");
    }

    private static long number(Map<String, String> options, String name, long standard, long most) throws LuoException {
        String text = options.getOrDefault(name, Long.toString(standard));
        try {
            long number = Long.parseLong(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // as if out of range
        }
        throw invalid(name, "'" + text + "' is not a number from 1 to " + most);
    }

    private static Path java(String home) throws LuoException {
        Path java = path("java", home);
        if (!Files.isExecutable(java.resolve("bin/java"))) {
            throw invalid("java", "no executable " + java.resolve("bin/java"));
        }
        Properties release = new Properties();
        try (Reader reader = Files.newBufferedReader(java.resolve("release"))) {
            release.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw invalid("java", "cannot tell the version: no readable " + java.resolve("release"));
        }
        String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
        try {
            if (Runtime.Version.parse(version).feature() >= OLDEST_JAVA) {
                return java;
            }
        } catch (IllegalArgumentException e) {
            // as if too old
        }
        throw invalid("java", java + " is of version '" + version + "', at least " + OLDEST_JAVA + " is needed");
    }

    private static Optional<String> bundles(String directories) throws LuoException {
        if (directories == null) {
            return Optional.empty();
        }
        for (String directory : directories.split(":", -1)) {
            if (directory.isEmpty() || !Files.isDirectory(path("bundles", directory))) {
                throw invalid("bundles", "no directory '" + directory + "'");
            }
        }
        return Optional.of(directories);
    }

    private static Path path(String name, String text) throws LuoException {
        try {
            return Path.of(text).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw invalid(name, "'" + text + "' is no path");
        }
    }

    private static LuoException invalid(String name, String why) {
        return LuoException.of(Errno.EINVAL, "live update, option '" + name + "': " + why);
    }
}
