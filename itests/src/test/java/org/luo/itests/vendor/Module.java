// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vendor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A module of this build, with what it would publish.
 *
 * @param name its artifact id and its directory
 */
public record Module(String name) {
    static final String VERSION = System.getProperty("luo.version");
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** The module of this name, which need not be built. */
    public static Module of(String name) {
        return new Module(name);
    }

    /** Those that this build has made a jar of. */
    public static List<Module> built() throws IOException {
        try (Stream<Path> directories = Files.list(ROOT)) {
            return directories
                    .map(directory -> of(directory.getFileName().toString()))
                    .filter(module -> Files.exists(module.pom()) && Files.exists(module.jar()))
                    .sorted(Comparator.comparing(Module::name))
                    .toList();
        }
    }

    /** The project's parent. */
    static Path parentPom() {
        return ROOT.resolve("pom.xml");
    }

    Path directory() {
        return ROOT.resolve(name);
    }

    Path pom() {
        return directory().resolve("pom.xml");
    }

    /** Its main artifact. */
    public Path jar() {
        return directory().resolve("target").resolve(name + "-" + VERSION + ".jar");
    }
}
