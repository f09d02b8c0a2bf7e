// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.linux.Failing.assertFails;

import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.linux.UnixSocket.Type;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class TimeoutsTest {
    @Test
    void receivingEndsWhenTheTimeIsOver() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            pair.one().setReceiveTimeout(40);
            assertTakes(
                    40,
                    () -> pair.one().receive(new byte[1]),
                    "receive from fd " + pair.one().fd());
        }
    }

    @Test
    void sendingEndsWhenTheTimeIsOver() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            pair.one().setSendTimeout(40);
            pair.one().setBufferSizes(8192, 8192);
            assertTakes(
                    40,
                    () -> sendForEver(pair.one()),
                    "send to fd " + pair.one().fd());
        }
    }

    @Test
    void acceptingEndsWhenTheTimeIsOver(@TempDir Path directory) throws Exception {
        try (UnixSocket listening = UnixSocket.listen(Type.STREAM, directory.resolve("door"), 1)) {
            assertTakes(40, () -> listening.accept(40), "accept from fd " + listening.fd());
        }
    }

    @Test
    void aTimeoutSetElsewhereIsNamedAsWell() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            pair.one().setReceiveTimeout(40);
            try (UnixSocket adopted = UnixSocket.adopt(pair.one().release())) {
                assertFails(Errno.ETIMEDOUT, "within 40 ms", () -> adopted.receive(new byte[1]));
            }
        }
    }

    @Test
    void anythingNonBlockingIsAskedToComeAgain() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            pair.one().setReceiveTimeout(40);
            pair.one().setNonBlocking(true);
            assertFails(Errno.EAGAIN, "would block", () -> pair.one().receive(new byte[1]));
            assertFails(Errno.EAGAIN, "would block", () -> sendForEver(pair.one()));
        }
    }

    @Test
    void aMessageLargerThanTheBufferIsTooLarge() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            pair.one().setBufferSizes(8192, 8192);
            assertFails(Errno.EMSGSIZE, "send to", () -> pair.one().send(new byte[1 << 20]));
        }
    }

    private static void sendForEver(UnixSocket socket) throws Exception {
        while (true) {
            socket.send(new byte[100]);
        }
    }

    private static void assertTakes(long millis, ThrowingCallable call, String message) {
        long start = System.nanoTime();
        assertFails(Errno.ETIMEDOUT, message, call);
        assertThat((System.nanoTime() - start) / 1_000_000).isBetween(millis - 1, millis + 5000);
    }
}
