// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.luo.Errno;
import org.luo.LuoException;

/** Asserts which errno a call ends with, and that its message says what was tried. */
final class Failing {
    private Failing() {}

    static void assertFails(Errno errno, String message, ThrowingCallable call) {
        assertThatExceptionOfType(LuoException.class).isThrownBy(call).satisfies(e -> {
            assertThat(e.errno()).isEqualTo(errno);
            assertThat(e.getMessage()).contains(message).endsWith(" [" + errno + "]");
        });
    }
}
