// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.luo.Errno;
import org.luo.LuoException;
import org.osgi.framework.BundleContext;

/**
 * The directory with the platform's sockets: who can write there, or connect, is the platform, so it must be this
 * user's alone. Our launcher has seen to that; on another framework nobody has.
 */
public final class RunDirectory {
    private static final String PROPERTY = "luo.dir";
    private static final int GROUP_AND_OTHERS = 077;

    private RunDirectory() {}

    /**
     * The directory that the framework property {@code luo.dir} names; made, with mode 0700, if it is not there.
     *
     * @throws LuoException EINVAL if the property is not set, or no path · ENOTDIR · EACCES if it belongs to somebody
     *     else, or others may look into it · EIO
     */
    public static Path of(BundleContext context) throws LuoException {
        String property = context.getProperty(PROPERTY);
        if (property == null) {
            throw LuoException.of(
                    Errno.EINVAL,
                    "no run directory: set the framework or system property " + PROPERTY + " to where sockets may go");
        }
        try {
            return open(Path.of(property).toAbsolutePath());
        } catch (InvalidPathException e) {
            throw LuoException.of(Errno.EINVAL, "run directory, property " + PROPERTY + ": no path", e);
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "run directory " + property + ": " + e, e);
        }
    }

    static Path open(Path path) throws IOException, LuoException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw LuoException.of(Errno.ENOTDIR, "run directory " + path);
        }
        Object user = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!user.equals(owner)) {
            throw LuoException.of(
                    Errno.EACCES, "run directory " + path + ": belongs to user " + owner + ", not to " + user);
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0777;
        if ((mode & GROUP_AND_OTHERS) != 0) {
            throw LuoException.of(
                    Errno.EACCES,
                    "run directory " + path + ": mode is " + Integer.toOctalString(mode)
                            + ", and must be 700 so that nobody else can get in");
        }
        return path;
    }
}
