// SPDX-License-Identifier: Apache-2.0
package org.luo.pin;

/** A bundle can't leave, because it is needed; the message names the holders. */
public final class PinnedException extends Exception {
    private static final long serialVersionUID = 1L;

    PinnedException(String message) {
        super(message);
    }
}
