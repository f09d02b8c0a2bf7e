// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory with files such as {@code /proc} has. By default of a machine that is ready for a kexec. */
record MachineFiles(Path root) {
    static MachineFiles ready(Path root) throws IOException {
        return new MachineFiles(root)
                .with("proc/sys/kernel/osrelease", "7.2.13-luo\n")
                .with("proc/cmdline", "console=ttyS0 kho=on liveupdate=on\n")
                .with("proc/self/status", "Name:\tjava\nCapEff:\t000001ffffffffff\n")
                .with("sys/kernel/kexec_loaded", "1\n");
    }

    MachineFiles with(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return this;
    }

    Machine machine() {
        return new Machine(root);
    }
}
