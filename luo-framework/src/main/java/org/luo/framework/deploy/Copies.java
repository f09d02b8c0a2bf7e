// SPDX-License-Identifier: Apache-2.0
package org.luo.framework.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.osgi.framework.BundleException;

/**
 * Copies of jars, which nobody else changes: what bundles are installed from, and go back to. They lie in a directory of
 * this process, which goes when it ends.
 */
final class Copies {
    private final Path directory;
    private int made;

    /**
     * A jar as it was at one moment.
     *
     * @param path where the copy is
     * @param jar what it has
     */
    record Copy(Path path, Jar jar) {
        /** Undo of {@link Copies#of}. */
        void delete() {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // it goes with the directory
            }
        }

        boolean differsFrom(Copy other) {
            try {
                return other == null || Files.mismatch(path, other.path) >= 0;
            } catch (IOException e) {
                return true;
            }
        }
    }

    Copies(Path directory) {
        this.directory = directory;
    }

    /** @throws BundleException if the file can't be copied, or is no bundle's jar; nothing is left then */
    Copy of(Path file) throws BundleException {
        Path path = directory.resolve(++made + ".jar");
        try {
            Jar.requireSize(file);
            Files.createDirectories(directory);
            Files.copy(file, path);
        } catch (IOException e) {
            throw new BundleException("cannot copy " + file + ": " + e, BundleException.READ_ERROR, e);
        }
        try {
            return new Copy(path, Jar.read(path));
        } catch (BundleException e) {
            new Copy(path, null).delete();
            throw e;
        }
    }
}
