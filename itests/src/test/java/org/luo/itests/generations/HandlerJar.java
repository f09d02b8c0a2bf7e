// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.generations;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
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
import org.luo.spi.FileHandler;

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
        return variant(directory, headers, Map.of());
    }

    /** One that writes another format and reads that of the distribution's too: {@link NewerMemfdHandler}. */
    static Path newer(Path directory) throws IOException {
        return with(directory, NewerMemfdHandler.class);
    }

    /** The same bundle with another handler, a class of its own, as its component. */
    static Path with(Path directory, Class<? extends FileHandler> handler) throws IOException {
        String type = handler.getName();
        String component = "<scr:component xmlns:scr='http://www.osgi.org/xmlns/scr/v1.3.0' name='" + type + "'>"
                + "<service><provide interface='org.luo.spi.FileHandler'/></service>"
                + "<implementation class='" + type + "'/></scr:component>";
        String file = type.replace('.', '/') + ".class";
        try (InputStream code = HandlerJar.class.getClassLoader().getResourceAsStream(file)) {
            return variant(
                    directory,
                    Map.of("Bundle-Version", "2.0.0", "Service-Component", "OSGI-INF/newer.xml"),
                    Map.of(file, code.readAllBytes(), "OSGI-INF/newer.xml", component.getBytes(UTF_8)));
        }
    }

    private static Path variant(Path directory, Map<String, String> headers, Map<String, byte[]> more)
            throws IOException {
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
                for (Map.Entry<String, byte[]> entry : more.entrySet()) {
                    copy.putNextEntry(new JarEntry(entry.getKey()));
                    copy.write(entry.getValue());
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
