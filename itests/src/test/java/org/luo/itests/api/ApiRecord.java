// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.api;

import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Jar;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The signatures of exported packages as text: bnd's tree of a package, a node a line, indented by its depth, with what
 * adding and what removing it would mean for those who are there already.
 *
 * <pre>
 * PACKAGE MINOR MAJOR org.luo.spi
 *   INTERFACE MINOR MAJOR org.luo.spi.FileHandler
 *     METHOD MAJOR MAJOR compatible()
 * </pre>
 */
final class ApiRecord {
    private static final String SUFFIX = ".api";
    private static final int INDENT = 2;
    private static final String PROVIDER = "org.osgi.annotation.versioning.ProviderType";
    private static final Pattern JDKS = Pattern.compile("METHOD (clone|finalize)\\(\\)|ANNOTATED jdk\\.internal\\..*");
    private static final DiffPluginImpl DIFFER = new DiffPluginImpl();

    private ApiRecord() {}

    /** The packages that a bundle exports. */
    static Map<String, Tree> exportedBy(Path jar) throws Exception {
        Map<String, Tree> packages = new TreeMap<>();
        try (Jar bundle = new Jar(jar.toFile())) {
            for (Tree child : DIFFER.tree(bundle).get("<api>").getChildren()) {
                if (child.getType() == Type.PACKAGE) {
                    packages.put(child.getName(), DIFFER.deserialize(corrected(child.serialize())));
                }
            }
        }
        return packages;
    }

    /** Without what depends on the JDK that reads the jar, and with what bnd has overlooked. */
    private static Tree.Data corrected(Tree.Data node) {
        node.children = Stream.of(node.children == null ? new Tree.Data[0] : node.children)
                .filter(child -> !JDKS.matcher(child.type + " " + child.name).matches())
                .map(ApiRecord::corrected)
                .toArray(Tree.Data[]::new);
        if (node.type == Type.INTERFACE && !has(node, Type.ANNOTATED, PROVIDER)) {
            // After an interface's first default method, bnd 7.3.0 takes every method of it for one.
            Stream.of(node.children)
                    .filter(child -> child.type == Type.METHOD && has(child, Type.ACCESS, "abstract"))
                    .forEach(method -> method.add = Delta.MAJOR);
        }
        return node;
    }

    private static boolean has(Tree.Data node, Type type, String name) {
        return Stream.of(node.children).anyMatch(child -> child.type == type && child.name.equals(name));
    }

    /** The packages that are recorded in a directory. */
    static Map<String, Tree> readAll(Path directory) throws Exception {
        Map<String, Tree> packages = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(SUFFIX)).toList()) {
                Tree tree = parse(Files.readAllLines(file));
                packages.put(tree.getName(), tree);
            }
        }
        return packages;
    }

    /** Makes a directory hold the record of these packages and of no others. */
    static void writeAll(Path directory, Map<String, Tree> packages) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        writeNew(directory, packages);
    }

    /** Makes a directory hold the record of these packages as well, if it does not hold one of them yet. */
    static void writeNew(Path directory, Map<String, Tree> packages) throws IOException {
        for (Map.Entry<String, Tree> each : packages.entrySet()) {
            Path file = directory.resolve(each.getKey() + SUFFIX);
            if (!Files.exists(file)) {
                Files.write(file, lines(each.getValue()));
            }
        }
    }

    static List<String> lines(Tree tree) {
        List<String> lines = new ArrayList<>();
        add(lines, tree.serialize(), 0);
        return lines;
    }

    private static void add(List<String> lines, Tree.Data node, int depth) {
        lines.add(" ".repeat(INDENT * depth) + node.type + " " + node.add + " " + node.rem + " " + node.name);
        for (Tree.Data child : node.children == null ? new Tree.Data[0] : node.children) {
            add(lines, child, depth + 1);
        }
    }

    /** @throws IllegalArgumentException if it is no record */
    static Tree parse(List<String> lines) throws Exception {
        List<Integer> at = new ArrayList<>(List.of(0));
        Tree.Data root = parse(lines, at, 0);
        if (at.getFirst() != lines.size()) {
            throw new IllegalArgumentException("line " + (at.getFirst() + 1) + ": a second root");
        }
        return DIFFER.deserialize(root);
    }

    private static Tree.Data parse(List<String> lines, List<Integer> at, int depth) {
        String[] words = lines.get(at.getFirst()).strip().split(" ", 4);
        Tree.Data node = new Tree.Data();
        node.type = Type.valueOf(words[0]);
        node.add = Delta.valueOf(words[1]);
        node.rem = Delta.valueOf(words[2]);
        node.name = words[3];
        at.set(0, at.getFirst() + 1);
        List<Tree.Data> children = new ArrayList<>();
        while (at.getFirst() < lines.size() && depth(lines.get(at.getFirst())) > depth) {
            children.add(parse(lines, at, depth + 1));
        }
        node.children = children.toArray(Tree.Data[]::new);
        return node;
    }

    private static int depth(String line) {
        return (line.length() - line.stripLeading().length()) / INDENT;
    }
}
