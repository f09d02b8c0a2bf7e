// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open, but for what the JDK opens when it likes. */
final class OpenFds {
    private static final String JDK = ".*\\.jar|/proc/\\d+/fd|/dev/u?random";

    private OpenFds() {}

    /** Number and target of each. */
    static List<String> list() {
        List<String> open = new ArrayList<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : (Iterable<Path>) fds::iterator) {
                if (Files.isSymbolicLink(fd)) {
                    String target = Files.readSymbolicLink(fd).toString();
                    if (!target.matches(JDK)) {
                        open.add(fd.getFileName() + " " + target);
                    }
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return open;
    }

    static int count() {
        return list().size();
    }

    /** Nothing but these stays open: a reply's socket is closed just after the client has read it. */
    static void assertNothingBut(List<String> before) throws InterruptedException {
        for (int round = 0; round < 200 && !before.containsAll(list()); round++) {
            Thread.sleep(10);
        }
        assertThat(list()).isSubsetOf(before);
    }
}
