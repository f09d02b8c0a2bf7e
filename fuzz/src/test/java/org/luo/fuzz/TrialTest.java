// SPDX-License-Identifier: Apache-2.0
package org.luo.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.EventFd;

class TrialTest {
    private static void refuse() throws LuoException {
        throw LuoException.of(Errno.EBADMSG, "no");
    }

    @Test
    void anInputIsTakenOrRefused() {
        assertThat(Trial.run(() -> {}, Errno.EBADMSG)).isTrue();
        assertThat(Trial.run(TrialTest::refuse, Errno.EINVAL, Errno.EBADMSG)).isFalse();
    }

    @Test
    void anotherErrnoIsAFinding() {
        assertThatThrownBy(() -> Trial.run(TrialTest::refuse, Errno.EINVAL))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no [EBADMSG]");
    }

    @Test
    void anFdLeftOpenIsAFinding() {
        List<EventFd> left = new ArrayList<>();
        assertThatThrownBy(() -> Trial.runWithFds(() -> left.add(EventFd.create())))
                .isInstanceOf(AssertionError.class)
                .hasMessage("1 fd more than before");
        left.forEach(EventFd::close);
    }
}
