// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** The bundle of the memfd handler, and others made from it. */
final class HandlerJar {
    static final String NAME = "org.luo.handler.memfd";

    private HandlerJar() {}

    /** The one of the distribution. */
    static Path original() throws IOException {
        try (Stream<Path> bundles = Files.list(Generations.HOME.resolve("bundles"))) {
            return bundles.filter(jar -> jar.getFileName().toString().startsWith("handler-memfd"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The same with other headers, in a new file. */
    static Path variant(Path directory, Map<String, String> headers) throws IOException {
        Path jar = Files.createTempFile(directory, "variant", ".jar");
        try (JarFile original = new JarFile(original().toFile())) {
            Manifest manifest = original.getManifest();
            headers.forEach((name, value) -> manifest.getMainAttributes().put(new Attributes.Name(name), value));
            try (OutputStream file = Files.newOutputStream(jar);
                    JarOutputStream copy = new JarOutputStream(file, manifest)) {
                for (JarEntry entry : (Iterable<JarEntry>) original.stream()::iterator) {
                    if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        copy.putNextEntry(new JarEntry(entry.getName()));
                        original.getInputStream(entry).transferTo(copy);
                    }
                }
            }
        }
        return jar;
    }

    /** The same in another version. */
    static Path version(Path directory, String version) throws IOException {
        return variant(directory, Map.of("Bundle-Version", version));
    }
}
