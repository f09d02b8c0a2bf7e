// SPDX-License-Identifier: Apache-2.0
package org.luo.spi;

import java.util.Optional;
import org.luo.Errno;

/**
 * How retrieving a file went, as {@code finish} is told.
 *
 * @param fd the retrieved file's fd, which the orchestrator closes afterwards; -1 if it was not retrieved
 * @param failure the errno that retrieving ended with; empty if it was not tried or went well
 */
public record Retrieval(int fd, Optional<Errno> failure) {
    private static final Retrieval NEVER = new Retrieval(-1, Optional.empty());

    /** Nobody asked for the file. */
    public static Retrieval never() {
        return NEVER;
    }

    /** The file came back as this fd. */
    public static Retrieval of(int fd) {
        return new Retrieval(fd, Optional.empty());
    }

    /** The file did not come back. */
    public static Retrieval failed(Errno errno) {
        return new Retrieval(-1, Optional.of(errno));
    }

    /** Whether the file came back. */
    public boolean retrieved() {
        return fd >= 0;
    }
}
