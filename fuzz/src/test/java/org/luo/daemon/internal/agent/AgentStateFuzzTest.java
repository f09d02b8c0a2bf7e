// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.daemon.internal.agent.Claims.Owner;
import org.luo.fuzz.Trial;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

/** What a predecessor's agent may leave: what is taken reads back as it was written. */
class AgentStateFuzzTest {
    static Stream<byte[]> seeds() throws LuoException {
        return Stream.of(
                Inherited.data(List.of()),
                Inherited.data(List.of(new Owner(SessionName.of("vm1"), 1000), new Owner(SessionName.of("b"), 0))));
    }

    @MethodSource("seeds")
    @FuzzTest
    void inherit(byte[] input) {
        Trial.runWithFds(
                () -> {
                    UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM);
                    pair.other().close();
                    Inherited read =
                            Inherited.of(PluginState.of(input, pair.one().release()));
                    read.listening().close();
                    assertThat(Inherited.data(read.owners())).isEqualTo(input);
                },
                Errno.EBADMSG);
    }
}
