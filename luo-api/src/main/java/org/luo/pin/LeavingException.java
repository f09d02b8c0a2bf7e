// SPDX-License-Identifier: Apache-2.0
package org.luo.pin;

/** A bundle can't be pinned, because it is about to leave. */
public final class LeavingException extends Exception {
    private static final long serialVersionUID = 1L;

    LeavingException(String message) {
        super(message);
    }
}
