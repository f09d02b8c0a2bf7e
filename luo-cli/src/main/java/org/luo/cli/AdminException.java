// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

import java.util.Map;
import java.util.Optional;

/** The platform refused a command; {@link #errno()} says why in the kernel's words. */
public final class AdminException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String errno;
    private final int number;

    /** A refusal as it came over the socket. */
    public AdminException(String errno, int number, String message) {
        super(message);
        this.errno = errno;
        this.number = number;
    }

    /** The refusal in a line from the platform, if it is one. */
    static Optional<AdminException> of(Map<String, Object> line) {
        return Json.object(line, "error")
                .map(error -> new AdminException(
                        Json.text(error, "errno"), (int) Json.number(error, "number"), Json.text(error, "message")));
    }

    /** The errno's name, such as {@code EBUSY}. */
    public String errno() {
        return errno;
    }

    /** The errno's number, positive. */
    public int number() {
        return number;
    }
}
