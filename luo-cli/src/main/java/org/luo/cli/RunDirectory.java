// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where a platform has its sockets. */
final class RunDirectory {
    private RunDirectory() {}

    /**
     * The directory to use.
     *
     * @param given what the command line says, or null
     * @param environment LUO_DIR, else for an ordinary user XDG_RUNTIME_DIR
     * @throws IllegalArgumentException if nothing says where
     */
    static Path find(Path given, Map<String, String> environment) {
        if (given != null) {
            return given.toAbsolutePath().normalize();
        }
        String named = environment.getOrDefault("LUO_DIR", "");
        if (!named.isEmpty()) {
            return Path.of(named).toAbsolutePath().normalize();
        }
        if (isRoot()) {
            return Path.of("/run/luo");
        }
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (runtime.isEmpty()) {
            throw new IllegalArgumentException(
                    "where is the platform? Neither LUO_DIR nor XDG_RUNTIME_DIR is set; give --dir DIR");
        }
        return Path.of(runtime, "luo");
    }

    private static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            return false;
        }
    }
}
