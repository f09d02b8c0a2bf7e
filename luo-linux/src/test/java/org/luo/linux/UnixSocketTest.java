// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.luo.linux.Failing.assertFails;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.luo.Errno;
import org.luo.linux.UnixSocket.Type;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class UnixSocketTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void connectsToWhoListens(Type type) throws Exception {
        Path path = directory.resolve("door");
        try (UnixSocket listening = UnixSocket.listen(type, path, 4);
                UnixSocket client = UnixSocket.connect(type, path);
                UnixSocket server = listening.accept(1000)) {
            client.send("ping".getBytes(US_ASCII));
            byte[] buffer = new byte[16];
            assertThat(server.receive(buffer).bytes()).isEqualTo(4);
            assertThat(new String(buffer, 0, 4, US_ASCII)).isEqualTo("ping");
            assertThat(server.type()).isEqualTo(type);
        }
    }

    @Test
    void theOtherEndIsKnown() throws Exception {
        Path path = directory.resolve("door");
        try (UnixSocket listening = UnixSocket.listen(Type.STREAM, path, 4);
                UnixSocket client = UnixSocket.connect(Type.STREAM, path);
                UnixSocket server = listening.accept()) {
            Peer self = new Peer(
                    (int) ProcessHandle.current().pid(),
                    (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid"),
                    (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid"));
            assertThat(server.peer()).isEqualTo(self);
            assertThat(client.peer()).isEqualTo(self);
        }
    }

    @Test
    void aPathOf107BytesFitsAndALongerOneIsTooLong() throws Exception {
        String base = directory + "/";
        Path longest = Path.of(base + "x".repeat(107 - base.length()));
        UnixSocket.listen(Type.STREAM, longest, 1).close();
        Path longer = Path.of(longest + "x");
        assertFails(Errno.ENAMETOOLONG, "108 bytes", () -> UnixSocket.listen(Type.STREAM, longer, 1));
        assertFails(Errno.ENAMETOOLONG, "connect to " + longer, () -> UnixSocket.connect(Type.STREAM, longer));
    }

    @Test
    void connectingFailsForTheRightReason() throws Exception {
        Path path = directory.resolve("door");
        assertFails(Errno.ENOENT, "connect to " + path, () -> UnixSocket.connect(Type.STREAM, path));
        try (UnixSocket listening = UnixSocket.listen(Type.STREAM, path, 1)) {
            assertFails(Errno.EPROTOTYPE, "another type", () -> UnixSocket.connect(Type.SEQPACKET, path));
            assertFails(Errno.EADDRINUSE, "listen at " + path, () -> UnixSocket.listen(listening.type(), path, 1));
        }
        assertFails(Errno.ECONNREFUSED, "nobody listens", () -> UnixSocket.connect(Type.STREAM, path));
    }

    @Test
    void onlyUnixSocketsCanBeAdopted() throws Exception {
        int memfd = Memfd.create("no socket", 0);
        assertFails(Errno.ENOTSOCK, "fd " + memfd, () -> UnixSocket.adopt(memfd));
        assertThat(Fds.isOpen(memfd)).isTrue();
        Fds.close(memfd);
        assertFails(Errno.EBADF, "fd 19999", () -> UnixSocket.adopt(19999));
    }

    @Test
    void aMessageStaysWhole() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            pair.one().send(new byte[10]);
            pair.one().send(new byte[20]);
            assertThat(pair.other().receive(new byte[100]).bytes()).isEqualTo(10);
            Received cut = pair.other().receive(new byte[15]);
            assertThat(cut.bytes()).isEqualTo(15);
            assertThat(cut.dataTruncated()).isTrue();
            assertThat(cut.complete()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEndIsSeen(Type type) throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(type)) {
            pair.one().shutdownOutput();
            assertThat(pair.other().receive(new byte[1]).eof()).isTrue();
            pair.other().send(new byte[1]);
            assertThat(pair.one().receive(new byte[1]).eof()).isFalse();
            pair.one().close();
            assertThat(pair.other().read(new byte[1], 0, 1)).isEqualTo(-1);
            assertFails(
                    Errno.EPIPE, "the other side has gone", () -> pair.other().send(new byte[1]));
        }
    }

    @Test
    void aStreamMovesMoreThanItsBuffers() throws Exception {
        byte[] data = new byte[3 << 20];
        new java.util.Random(1).nextBytes(data);
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.STREAM)) {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> writeAndEnd(pair.one(), data));
            byte[] read = new byte[data.length];
            int done = 0;
            for (int n; (n = pair.other().read(read, done, Math.min(100_000, read.length - done))) > 0; ) {
                done += n;
                if (done == read.length) {
                    break;
                }
            }
            writer.get(10, TimeUnit.SECONDS);
            assertThat(read).isEqualTo(data);
        }
    }

    @Test
    void shuttingDownWakesWhoeverWaits() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> isEnd(pair.one()));
            Thread.sleep(50);
            assertThat(waiting).isNotDone();
            pair.one().shutdown();
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aClosedSocketHasNoFd() throws Exception {
        UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET);
        pair.close();
        pair.close();
        assertThat(pair.one().fd()).isEqualTo(-1);
        assertFails(Errno.EBADF, "send to fd -1", () -> pair.one().send(new byte[1]));
        assertFails(Errno.EBADF, "receive from fd -1", () -> pair.one().receive(new byte[1]));
    }

    private static void writeAndEnd(UnixSocket socket, byte[] data) {
        try {
            socket.write(data, 0, data.length);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isEnd(UnixSocket socket) {
        try {
            return socket.receive(new byte[1]).eof();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
