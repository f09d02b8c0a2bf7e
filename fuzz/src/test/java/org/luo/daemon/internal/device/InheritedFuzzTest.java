// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.fuzz.Trial;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;
import org.luo.spi.PluginState;

/** What a predecessor may say about the device's sockets: all are taken, or refused and closed. */
class InheritedFuzzTest {
    /** Before the state: u8 fds, u8 which of them is odd, if there is such a one, u8 what it is instead. */
    private static final int PREFIX = 3;

    private static final int NONE = 0xff;
    private static final int MOST_FDS = 80;

    private static UnixSocket.Pair messages;
    private static UnixSocket.Pair stream;
    private static int memfd;

    @BeforeAll
    static void open() throws LuoException {
        messages = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        stream = UnixSocket.pair(UnixSocket.Type.STREAM);
        memfd = Memfd.create("fuzz", 0);
    }

    @AfterAll
    static void close() {
        messages.close();
        stream.close();
        Fds.close(memfd);
    }

    static Stream<byte[]> seeds() {
        return Stream.of(seed(0, NONE), seed(3, NONE), seed(3, 2), seed(Inherited.MOST, NONE));
    }

    private static byte[] seed(int connections, int odd) {
        List<UnixSocket> all = Collections.nCopies(connections, messages.one());
        byte[] state = new Inherited(messages.one(), all).state().data();
        byte[] seed = new byte[PREFIX + state.length];
        seed[0] = (byte) (1 + connections);
        seed[1] = (byte) odd;
        System.arraycopy(state, 0, seed, PREFIX, state.length);
        return seed;
    }

    @MethodSource("seeds")
    @FuzzTest
    void inherit(byte[] input) {
        if (input.length >= PREFIX) {
            Trial.runWithFds(() -> take(input), Errno.EBADMSG, Errno.EPROTOTYPE, Errno.ENOTSOCK);
        }
    }

    private static void take(byte[] input) throws LuoException {
        int odd = input[1] & 0xff;
        List<Integer> fds = new ArrayList<>();
        for (int i = 0; i < Math.min(input[0] & 0xff, MOST_FDS); i++) {
            int other = input[2] % 2 == 0 ? memfd : stream.one().fd();
            fds.add(Fds.duplicate(i == odd ? other : messages.one().fd()));
        }
        PluginState state = new PluginState(Arrays.copyOfRange(input, PREFIX, input.length), fds);
        try {
            Inherited taken = Inherited.of(state);
            assertThat(taken.state()).isEqualTo(state);
            assertThat(odd).isGreaterThanOrEqualTo(fds.size());
            taken.close();
        } finally {
            assertThat(fds).noneMatch(Fds::isOpen);
        }
    }
}
