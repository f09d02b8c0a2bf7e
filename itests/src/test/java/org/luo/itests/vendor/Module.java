// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.vendor;

import java.nio.file.Path;

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
