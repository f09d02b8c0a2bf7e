// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.luo.Errno;
import org.luo.LuoException;
import org.osgi.framework.Constants;

/**
 * A jar that somebody wants to have run here.
 *
 * @param path where it is
 * @param symbolicName whose bundle it says it is
 * @param version which one
 */
record BundleFile(Path path, String symbolicName, String version) {
    /** @throws LuoException ENOENT if there is no such file · EINVAL if it is no bundle */
    static BundleFile of(String text) throws LuoException {
        Path path = path(text);
        if (!Files.isRegularFile(path)) {
            throw LuoException.of(Errno.ENOENT, CommandTable.shown(text) + ": no such file");
        }
        try (JarFile jar = new JarFile(path.toFile(), false)) {
            Attributes headers = jar.getManifest() == null
                    ? new Attributes()
                    : jar.getManifest().getMainAttributes();
            String name = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (name == null) {
                throw LuoException.of(Errno.EINVAL, path + " is no bundle: it has no Bundle-SymbolicName");
            }
            String version = headers.getValue(Constants.BUNDLE_VERSION);
            return new BundleFile(
                    path,
                    name.split(";", 2)[0].strip(),
                    version == null ? "0.0.0" : CommandTable.shown(version.strip()));
        } catch (IOException | SecurityException e) {
            throw LuoException.of(Errno.EINVAL, path + " is no bundle: " + e.getMessage(), e);
        }
    }

    static Path path(String text) throws LuoException {
        try {
            return Path.of(text).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw LuoException.of(Errno.EINVAL, "argument 'file': no path", e);
        }
    }
}
