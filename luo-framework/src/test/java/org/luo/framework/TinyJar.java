// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.Constants;

/** A bundle with some headers and classes of the tests. */
final class TinyJar {
    private final String symbolicName;
    private final Manifest manifest = new Manifest();
    private final List<Class<?>> classes = new ArrayList<>();

    /** @param headers as {@code name: value} */
    TinyJar(String symbolicName, String... headers) {
        this.symbolicName = symbolicName;
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        main.putValue(Constants.BUNDLE_SYMBOLICNAME, symbolicName);
        main.putValue(Constants.IMPORT_PACKAGE, "org.osgi.framework");
        for (String header : headers) {
            int colon = header.indexOf(": ");
            main.putValue(header.substring(0, colon), header.substring(colon + 2));
        }
    }

    /** Puts a class in; if it is an activator, it becomes the bundle's. */
    TinyJar with(Class<?> type) {
        classes.add(type);
        if (BundleActivator.class.isAssignableFrom(type)) {
            manifest.getMainAttributes().putValue(Constants.BUNDLE_ACTIVATOR, type.getName());
        }
        return this;
    }

    /** Writes it into a directory. */
    Path write(Path directory) throws IOException {
        Path jar = directory.resolve(symbolicName + ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (Class<?> type : classes) {
                String name = type.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(name));
                try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return jar;
    }
}
