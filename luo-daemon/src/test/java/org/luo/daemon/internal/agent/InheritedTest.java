// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.daemon.internal.agent.Claims.Owner;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

class InheritedTest {
    private static final String GOLDEN = "0100000002000000e803000003766d31000000000162";

    private static List<Owner> owners() throws LuoException {
        return List.of(new Owner(SessionName.of("vm1"), 1000), new Owner(SessionName.of("b"), 0));
    }

    @Test
    void theLayoutIsFixed() throws Exception {
        assertThat(HexFormat.of().formatHex(Inherited.data(owners()))).isEqualTo(GOLDEN);
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM);
        Inherited read = Inherited.of(
                PluginState.of(HexFormat.of().parseHex(GOLDEN), pair.one().release()));
        assertThat(read.owners()).isEqualTo(owners());
        read.listening().close();
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01000000",
                "0200000000000000",
                "01000000ffffffff",
                "0100000001200000",
                "0100000001000000",
                "010000000000000000",
                "0100000001000000e803000003766d",
                "0100000001000000e803000000",
                "0100000001000000e8030000020061",
                "0100000002000000000000000161000000000161",
            })
    void aDamagedStateIsRefusedAndItsFdClosed(String hex) throws Exception {
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM);
        int fd = pair.one().release();
        pair.other().close();
        assertThatThrownBy(() -> Inherited.of(PluginState.of(HexFormat.of().parseHex(hex), fd)))
                .isInstanceOf(LuoException.MalformedState.class);
        assertThat(Fds.isOpen(fd)).isFalse();
    }

    @Test
    void whatIsNoStreamIsRefusedAndClosed() throws Exception {
        byte[] data = Inherited.data(List.of());
        UnixSocket.Pair packets = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        int socket = packets.one().release();
        packets.other().close();
        assertThatThrownBy(() -> Inherited.of(PluginState.of(data, socket))).hasMessageContaining("EPROTOTYPE");
        int memfd = Memfd.create("no socket", 0);
        assertThatThrownBy(() -> Inherited.of(PluginState.of(data, memfd))).hasMessageContaining("ENOTSOCK");
        assertThatThrownBy(() -> Inherited.of(PluginState.of(data))).hasMessageContaining("EBADMSG");
        assertThat(List.of(socket, memfd)).noneMatch(Fds::isOpen);
    }
}
