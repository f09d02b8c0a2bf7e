// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.stock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What is built beside the distribution. */
final class Packages {
    private Packages() {}

    /** The one file with this ending. */
    static Path file(String ending) {
        try (Stream<Path> files = Files.list(Run.HOME.getParent())) {
            return files.filter(file -> file.getFileName().toString().endsWith(ending))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no *" + ending + " in " + Run.HOME.getParent()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
