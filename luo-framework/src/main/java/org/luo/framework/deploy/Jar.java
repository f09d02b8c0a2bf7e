// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/**
 * What is to be known of a bundle's jar before it is installed. The file is not trusted: whatever is wrong with it is a
 * {@link BundleException}.
 *
 * @param symbolicName whose bundle it is
 * @param fragment whether it is one, so that it is not started
 */
record Jar(String symbolicName, boolean fragment) {
    private static final Pattern SYMBOLIC_NAME = Pattern.compile("[A-Za-z0-9_.-]{1,200}");
    private static final long LONGEST = 256L << 20;

    static Jar read(Path file) throws BundleException {
        try (JarFile jar = new JarFile(file.toFile(), false)) {
            Manifest manifest = jar.getManifest();
            if (manifest == null) {
                throw bad("it has no manifest", null);
            }
            return of(manifest.getMainAttributes());
        } catch (IOException | IllegalArgumentException | SecurityException e) {
            throw bad(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
    }

    /** Before somebody's huge file fills the disk. */
    static void requireSize(Path file) throws IOException, BundleException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        long size = Files.size(file);
        if (size > LONGEST) {
            throw bad("it has " + size + " bytes, and " + LONGEST + " are the most", null);
        }
    }

    private static Jar of(Attributes attributes) throws BundleException {
        String header = attributes.getValue(Constants.BUNDLE_SYMBOLICNAME);
        String name = header == null ? "" : header.split(";", 2)[0].strip();
        if (!SYMBOLIC_NAME.matcher(name).matches()) {
            throw bad(header == null ? "it has no Bundle-SymbolicName" : "its Bundle-SymbolicName is no name", null);
        }
        return new Jar(name, attributes.getValue(Constants.FRAGMENT_HOST) != null);
    }

    private static BundleException bad(String why, Exception cause) {
        return new BundleException("not a bundle: " + why, BundleException.MANIFEST_ERROR, cause);
    }
}
