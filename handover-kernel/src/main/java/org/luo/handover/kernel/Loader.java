// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Kexec;

/** Loads a kernel for the next kexec, by kexec_file_load, the only way that hands memory on. */
final class Loader {
    private Loader() {}

    /**
     * Loads it in the place of one that is loaded.
     *
     * @param kernel path of the image
     * @param initrd path of the initial RAM disk, or null
     * @param commandLine what it is told
     * @throws LuoException what can't be opened, or why the kernel refuses it, with the remedy
     */
    static void load(String kernel, String initrd, String commandLine) throws LuoException {
        int bytes = commandLine.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Kexec.MAX_COMMAND_LINE || commandLine.indexOf('\0') >= 0) {
            throw LuoException.of(
                    Errno.EINVAL,
                    "load kernel: command line of " + bytes + " bytes, at most " + Kexec.MAX_COMMAND_LINE
                            + " without NUL");
        }
        int image = open(kernel);
        int disk = -1;
        try {
            disk = initrd == null ? -1 : open(initrd);
            Kexec.load(image, disk, commandLine);
        } catch (LuoException e) {
            throw LuoException.of(e.errno(), "load kernel " + Machine.printable(kernel) + ": " + why(e), e);
        } finally {
            Fds.close(image);
            if (disk >= 0) {
                Fds.close(disk);
            }
        }
    }

    private static int open(String path) throws LuoException {
        try {
            Path file = Path.of(path);
            if (file.isAbsolute()) {
                return FileIo.open(file, FileIo.O_RDONLY, 0);
            }
        } catch (InvalidPathException e) {
            // as if it were not absolute
        }
        throw LuoException.of(Errno.EINVAL, "'" + Machine.printable(path) + "' is no absolute path");
    }

    private static String why(LuoException e) {
        return switch (e.errno()) {
            case EPERM -> "not permitted; the platform needs CAP_SYS_BOOT, and kernel.kexec_load_disabled must be 0";
            case ENOEXEC -> "it is no kernel that can be booted this way";
            case EKEYREJECTED, EBADMSG, ENODATA, ENOKEY -> "its signature is missing or not trusted here";
            case ENOSYS, EOPNOTSUPP -> "this kernel was built without CONFIG_KEXEC_FILE";
            case EBUSY -> "another kexec is under way";
            case ENOMEM, EADDRNOTAVAIL -> "there is no room for it; more memory may have to be set aside: kho_scratch=";
            default -> e.getMessage();
        };
    }
}
