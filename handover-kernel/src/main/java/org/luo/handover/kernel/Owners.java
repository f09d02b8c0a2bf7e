// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which processes have an fd of a kind, as far as this one may look into others. */
record Owners(Machine machine) {
    private static final int MOST = 4;
    private static final int LONGEST_NAME = 32;

    /**
     * Looks through all processes.
     *
     * @param link how the link of such an fd begins
     * @return {@code , process 17 (luod)}, the first few; empty if there are none that can be seen
     */
    String of(String link) {
        StringBuilder owners = new StringBuilder();
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(machine.root().resolve("proc"), "[1-9]*")) {
            int found = 0;
            for (Path process : processes) {
                if (found < MOST && owns(process, link)) {
                    owners.append(", process ").append(process.getFileName()).append(" (");
                    owners.append(name("proc/" + process.getFileName())).append(')');
                    found++;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // not known, then
        }
        return owners.toString();
    }

    private static boolean owns(Path process, String link) {
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path fd : fds) {
                if (Files.isSymbolicLink(fd)
                        && Files.readSymbolicLink(fd).toString().startsWith(link)) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // gone, or another user's
        }
        return false;
    }

    /** What a process calls itself, without its directory. */
    private String name(String process) {
        String first = machine.text(process + "/cmdline").orElse("").split("\0", 2)[0];
        String name =
                first.isEmpty() ? machine.text(process + "/comm").orElse("?").strip() : first;
        String last = name.substring(name.lastIndexOf('/') + 1);
        return Machine.printable(last.substring(0, Math.min(LONGEST_NAME, last.length())));
    }
}
