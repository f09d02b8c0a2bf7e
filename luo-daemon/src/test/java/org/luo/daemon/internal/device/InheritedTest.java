// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;
import org.luo.linux.UnixSocket.Type;
import org.luo.spi.PluginState;

class InheritedTest {
    @Test
    void theLayoutIsFixed() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            PluginState state = new Inherited(pair.one(), List.of(pair.other())).state();
            assertThat(state.data()).containsExactly(1, 0, 0, 0, 1, 0, 0, 0);
            assertThat(state.fds())
                    .containsExactly(pair.one().fd(), pair.other().fd());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01000000",
                "0200000001000000",
                "0100000000000000",
                "0100000002000000",
                "01000000ffffffff",
                "010000000100000000"
            })
    void aDamagedStateIsRefusedAndItsFdsClosed(String hex) throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            List<Integer> fds = List.of(pair.one().release(), pair.other().release());
            byte[] data = HexFormat.of().parseHex(hex);
            assertThatThrownBy(() -> Inherited.of(new PluginState(data, fds)))
                    .isInstanceOf(LuoException.MalformedState.class);
            assertThat(fds).noneMatch(Fds::isOpen);
        }
    }

    @Test
    void noFdsAtAllAreRefused() {
        byte[] data = {1, 0, 0, 0, -1, -1, -1, -1};
        assertThatThrownBy(() -> Inherited.of(PluginState.of(data))).isInstanceOf(LuoException.MalformedState.class);
        assertThatThrownBy(() -> Inherited.of(PluginState.empty())).isInstanceOf(LuoException.MalformedState.class);
    }

    @Test
    void whatIsNoSocketOfThisKindIsRefusedAndClosed() throws Exception {
        byte[] data = {1, 0, 0, 0, 0, 0, 0, 0};
        UnixSocket.Pair stream = UnixSocket.pair(Type.STREAM);
        int fd = stream.one().release();
        assertThatThrownBy(() -> Inherited.of(PluginState.of(data, fd))).hasMessageContaining("EPROTOTYPE");
        assertThat(Fds.isOpen(fd)).isFalse();
        stream.close();
        int memfd = Memfd.create("no socket", 0);
        assertThatThrownBy(() -> Inherited.of(PluginState.of(data, memfd))).hasMessageContaining("ENOTSOCK");
        assertThat(Fds.isOpen(memfd)).isFalse();
    }
}
