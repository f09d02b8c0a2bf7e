// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the build has put beside the tests. */
final class Frameworks {
    private Frameworks() {}

    /** The one whose file name begins so. */
    static Path file(String beginning) throws IOException {
        Path directory = Path.of("target/frameworks").toAbsolutePath();
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(beginning))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + beginning + "* in " + directory));
        }
    }
}
