// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves fds open, or closes some it did not open. What the JDK opens does not count. */
public final class NoFdLeft implements BeforeEachCallback, AfterEachCallback {
    private static final Path FDS = Path.of("/proc/self/fd");
    private static final String JDK = ".*\\.jar|.*/lib/modules|/proc/\\d+/fd|/dev/u?random";

    private Map<Integer, String> before;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        before = open();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        assertThat(open()).isEqualTo(before);
    }

    /** The fds of this process, and what each shows: the path of a file, {@code socket:[4711]}. */
    public static Map<Integer, String> open() throws IOException {
        Map<Integer, String> open = new TreeMap<>();
        try (Stream<Path> fds = Files.list(FDS)) {
            for (Path fd : (Iterable<Path>) fds::iterator) {
                if (Files.isSymbolicLink(fd)) {
                    String target = Files.readSymbolicLink(fd).toString();
                    if (!target.matches(JDK)) {
                        open.put(Integer.valueOf(fd.getFileName().toString()), target);
                    }
                }
            }
        }
        return open;
    }
}
