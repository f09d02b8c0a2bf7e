// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;

final class RecordingHandlerTest {
    private final InMemoryFileDescriptors fds = new InMemoryFileDescriptors();
    private final Journal journal = new Journal();
    private final RecordingHandler memfd = new RecordingHandler("memfd", journal, fds);

    @Test
    void aStrokeOnTheStateTellsThatItWasFrozen() throws Exception {
        int fd = fds.open("a");
        PluginState preserved = memfd.preserve(fd);
        PluginState frozen = memfd.freeze(fd, preserved);
        memfd.unfreeze(fd, frozen);
        memfd.finish(frozen, Retrieval.failed(Errno.EIO));
        assertThat(journal.lines())
                .containsExactly("memfd.preserve a", "memfd.freeze a", "memfd.unfreeze a'", "memfd.finish a' EIO");
        assertThat(frozen.fds()).containsExactly(fd);
    }

    @Test
    void itFailsInTheCallThatItWasToldTo() throws Exception {
        int fd = fds.open("a");
        memfd.preserve(fd);
        memfd.on(Callback.PRESERVE, 2).fails(Errno.ENOMEM);
        memfd.preserve(fd);
        assertThatThrownBy(() -> memfd.preserve(fd))
                .isInstanceOf(LuoException.class)
                .hasMessageEndingWith("[ENOMEM]");
        memfd.preserve(fd);
        assertThat(journal.count(Callback.PRESERVE)).isEqualTo(4);
    }

    @Test
    void itFailsInEveryCallUntilItBehaves() throws Exception {
        int fd = fds.open("a");
        Error error = new NoClassDefFoundError("x");
        memfd.on(Callback.CAN_PRESERVE).throwing(error);
        memfd.on(Callback.PRESERVE).returns(null);
        assertThatThrownBy(() -> memfd.canPreserve(fd)).isSameAs(error);
        assertThat(memfd.preserve(fd)).isNull();
        memfd.behave();
        assertThat(memfd.canPreserve(fd).ok()).isTrue();
        assertThat(memfd.preserve(fd)).isNotNull();
    }
}
