// SPDX-License-Identifier: Apache-2.0
package org.luo.framework;

/** The platform can't be started here and now; the message says what to do about it. */
final class CannotStart extends Exception {
    private static final long serialVersionUID = 1L;

    CannotStart(String message) {
        super(message);
    }

    CannotStart(String message, Throwable cause) {
        super(message, cause);
    }
}
