// SPDX-License-Identifier: Apache-2.0
package org.luo.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * What the files of a machine say. Nothing here fails: what can't be read is not there.
 *
 * @param root of the file system, {@code /} but in tests
 */
public record Machine(Path root) {
    private static final int LONGEST = 4 << 20;

    /** The machine this runs on. */
    public static Machine present() {
        return new Machine(Path.of("/"));
    }

    /** A file or directory. */
    Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    boolean exists(String path) {
        return Files.exists(path(path));
    }

    /** Whether the user who runs this may read and write it. */
    boolean isUsable(String path) {
        return Files.isReadable(path(path)) && Files.isWritable(path(path));
    }

    /** What is in a file, without white space at either end. */
    Optional<String> text(String path) {
        try (InputStream in = Files.newInputStream(path(path))) {
            return Optional.of(read(in));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The number that a file is. */
    OptionalLong number(String path) {
        return text(path)
                .filter(text -> text.matches("\\d{1,18}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElseGet(OptionalLong::empty);
    }

    /** What follows a name at the beginning of a line, such as {@code Uid:}. */
    Optional<String> field(String path, String name) {
        return text(path).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst();
    }

    /** The names in a directory that match a pattern, in order. */
    List<String> names(String directory, String pattern) {
        try (Stream<Path> entries = Files.list(path(directory))) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches(pattern))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    boolean isRoot() {
        return field("/proc/self/status", "Uid:")
                .filter(ids -> ids.matches("\\d+\\s+0\\s.*")) // the second one is in force
                .isPresent();
    }

    /** Such as {@code 6.18.44}; empty if it is not told. */
    String kernel() {
        return text("/proc/sys/kernel/osrelease").orElse("");
    }

    /**
     * How a kernel option is set: {@code y}, {@code m} or {@code n}; empty if the kernel's configuration is not to be
     * found.
     */
    Optional<String> kernelOption(String name) {
        Optional<String> configuration = unzipped("/proc/config.gz").or(() -> text("/boot/config-" + kernel()));
        return configuration.map(text -> text.lines()
                .filter(line -> line.startsWith("CONFIG_" + name + "="))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .findFirst()
                .orElse("n"));
    }

    private Optional<String> unzipped(String path) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(path(path)))) {
            return Optional.of(read(in));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String read(InputStream in) throws IOException {
        return new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1).strip();
    }
}
