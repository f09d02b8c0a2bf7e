// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.PluginState;

/** What stands for files that were left behind. */
class LeftHandlerTest {
    private final LeftHandler handler = new LeftHandler();

    private void retrieve(Errno errno, String message, byte[] state) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> handler.retrieve(handler.compatible(), PluginState.of(state)))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void itSaysWhatTheFileWasAndWhyItIsNotThere() {
        retrieve(
                Errno.ENODATA,
                "the file, vfio-p1, was left behind at the kexec: reset?",
                new LeftState(Compatible.of("vfio-p1"), "reset\u001b").encode());
    }

    @Test
    void aMalformedStateIsSaidToBeOne() {
        retrieve(Errno.EBADMSG, "0 bytes", new byte[0]);
        retrieve(Errno.EBADMSG, "2 bytes", new byte[] {5, 'a'});
        retrieve(Errno.EBADMSG, "state of a file", new byte[] {1, ' ', 'b'});
        retrieve(Errno.EBADMSG, "5000 bytes", new byte[5000]);
    }

    @Test
    void aLongReasonIsCut() throws Exception {
        byte[] state = new LeftState(Compatible.of("a-1"), "x".repeat(9999)).encode();
        assertThat(LeftState.decode(state).reason()).hasSize(1000);
    }

    @Test
    void itPreservesNothingAndCrossesAgain() {
        assertThat(handler.canPreserve(0).ok()).isFalse();
        assertThat(handler.canCrossKernel(PluginState.empty()).ok()).isTrue();
    }
}
