// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;

class FindingTest {
    @Test
    void aRefusalSaysTheErrnoOnce() {
        String message = LuoException.of(Errno.ENOENT, "there is no device").getMessage();
        Finding finding = Finding.missing("device", Errno.ENOENT, message);
        assertThat(LuoException.of(finding.errno(), "live update: " + finding.text()))
                .hasMessage("live update: there is no device [ENOENT]");
    }

    @Test
    void anotherErrnoIsPartOfWhatWasFound() {
        assertThat(Finding.missing("device", Errno.EIO, "nobody let us [EPERM]").text())
                .isEqualTo("nobody let us [EPERM]");
    }
}
