// SPDX-License-Identifier: Apache-2.0

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Checks that every Java source is formatted, or formats it: {@code Format check|fix <root>}.
 *
 * <p>A program of its own and no Maven plugin, because the formatter parses with the javac of the JVM it runs in: Maven's
 * may be 17, and this one is the toolchain's. The formatter cannot read a bare {@code _} in a record pattern: write
 * {@code var _} there.
 */
final class Format {
    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());

    private enum Finding {
        FORMATTED,
        NOT_FORMATTED,
        NOW_FORMATTED,
        NOT_PARSED
    }

    public static void main(String[] args) throws IOException {
        boolean fix = args[0].equals("fix");
        Path root = Path.of(args[1]).toRealPath();
        List<Path> sources = sources(root);
        Map<Path, Finding> findings =
                sources.parallelStream().collect(Collectors.toConcurrentMap(source -> source, s -> format(s, fix)));
        findings.values().removeIf(Finding.FORMATTED::equals);
        new TreeMap<>(findings).forEach((source, f) -> System.out.println(f + " " + root.relativize(source)));
        System.out.printf("%d sources, %d of them were not formatted%n", sources.size(), findings.size());
        if (fix ? findings.containsValue(Finding.NOT_PARSED) : !findings.isEmpty()) {
            System.exit(1);
        }
    }

    private static List<Path> sources(Path root) throws IOException {
        List<Path> sources = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                String name = dir.getFileName().toString();
                return name.equals("target") || name.equals(".git") || name.equals("archetype-resources")
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".java")) {
                    sources.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return sources;
    }

    private static Finding format(Path source, boolean fix) {
        try {
            String before = Files.readString(source);
            String after = FORMATTER.formatSourceAndFixImports(before);
            if (after.equals(before)) {
                return Finding.FORMATTED;
            }
            if (fix) {
                Files.writeString(source, after);
                return Finding.NOW_FORMATTED;
            }
            return Finding.NOT_FORMATTED;
        } catch (FormatterException e) {
            System.out.println(source + ": " + e.getMessage());
            return Finding.NOT_PARSED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
