// SPDX-License-Identifier: Apache-2.0
package org.luo.cli;

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

    /** The errno's name, such as {@code EBUSY}. */
    public String errno() {
        return errno;
    }

    /** The errno's number, positive. */
    public int number() {
        return number;
    }
}
