// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import org.luo.Errno;

/**
 * One thing that a kexec needs.
 *
 * @param what in a word or two
 * @param state whether it is there
 * @param text what was found; if it is not there, what to do about it
 * @param errno what an update that needs it would be refused with
 */
record Finding(String what, State state, String text, Errno errno) {
    /** Whether it is there. */
    enum State {
        /** Yes. */
        OK,
        /** It can't be known from here. */
        UNKNOWN,
        /** No, and an update is refused. */
        MISSING
    }

    static Finding ok(String what, String text) {
        return new Finding(what, State.OK, text, Errno.EIO);
    }

    static Finding unknown(String what, String text) {
        return new Finding(what, State.UNKNOWN, text, Errno.EIO);
    }

    /** @param text may end with the errno, as an exception's message does; a refusal says it once */
    static Finding missing(String what, Errno errno, String text) {
        String suffix = " [" + errno + "]";
        boolean said = text.endsWith(suffix);
        return new Finding(
                what, State.MISSING, said ? text.substring(0, text.length() - suffix.length()) : text, errno);
    }
}
