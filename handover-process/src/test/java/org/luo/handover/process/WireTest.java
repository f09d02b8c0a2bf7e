// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Memfd;
import org.luo.linux.UnixSocket;

/** What comes over the wire is checked before anybody sees it. */
class WireTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private int open;
    private UnixSocket raw;
    private Wire wire;

    @BeforeEach
    void start() throws LuoException {
        FdTable.makeRoom(0, 5000);
        open = FdTable.open();
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        raw = pair.one();
        wire = new Wire(pair.other(), "peer", PATIENCE);
    }

    @AfterEach
    void noFdIsLeft() {
        raw.close();
        wire.close();
        assertThat(FdTable.open()).isEqualTo(open);
    }

    @Test
    void aMessageOfOursIsUnderstood() throws LuoException {
        raw.send(message(Kind.BEGIN, 9, 4));
        assertThat(wire.receive(PATIENCE)).isEqualTo(Kind.BEGIN);
        assertThat(wire.epoch()).isEqualTo(9);
        assertThat(wire.body().remaining()).isEqualTo(4);
    }

    @Test
    void everyLengthOfEveryKindIsBoundedBeforeItIsRead() throws LuoException {
        for (Kind kind : Kind.values()) {
            for (int body : new int[] {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25, 4056, 4057}) {
                raw.send(message(kind, 1, body));
                if (kind.fits(body, 0)) {
                    assertThat(wire.receive(PATIENCE)).isEqualTo(kind);
                    assertThat(wire.body().remaining()).isEqualTo(body);
                } else {
                    assertMalformed();
                }
            }
        }
    }

    /** The kernel says ECONNRESET then, once, to whoever asks first; what was sent last is there all the same. */
    @Test
    void whoSendsToASideThatHasLeftSomethingUnreadHearsThatItHasGone() throws LuoException {
        wire.compose(Kind.COMMIT, 1);
        wire.send();
        raw.send(message(Kind.REHEARSED, 2, 0));
        raw.close();
        wire.compose(Kind.COMMIT, 3);
        assertThatThrownBy(wire::send)
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
        assertThat(wire.receive(PATIENCE)).isEqualTo(Kind.REHEARSED);
        assertThat(wire.epoch()).isEqualTo(2);
    }

    @Test
    void whoStaysAwakeHearsTheSame() throws Exception {
        wire.watchful().stay();
        raw.send(message(Kind.BEGIN, 9, 4));
        assertThat(wire.receive(PATIENCE)).isEqualTo(Kind.BEGIN);
        CompletableFuture<Void> later = CompletableFuture.runAsync(
                () -> raw.shutdown(), CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS));
        assertThatThrownBy(() -> wire.receive(PATIENCE))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
        later.get();
    }

    @Test
    void whoStaysAwakeDoesSoForAMomentOnly() throws LuoException {
        wire.watchful().stay();
        assertThatThrownBy(() -> wire.receive(Duration.ofMillis(1)))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    }

    @Test
    void whoStaysAwakeAmongOthersHearsTheSame() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        for (int i = 0; i <= Runtime.getRuntime().availableProcessors(); i++) {
            Thread.ofPlatform().daemon().start(() -> spin(enough));
        }
        try {
            wire.watchful().awaitCalm();
            for (int epoch = 0; epoch < 20; epoch++) {
                wire.watchful().stay();
                byte[] message = message(Kind.BEGIN, epoch, 4);
                CompletableFuture<Void> later = CompletableFuture.runAsync(
                        () -> sent(message), CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS));
                assertThat(wire.receive(PATIENCE)).isEqualTo(Kind.BEGIN);
                assertThat(wire.epoch()).isEqualTo(epoch);
                later.get();
            }
        } finally {
            enough.set(true);
        }
    }

    private static void spin(AtomicBoolean enough) {
        while (!enough.get()) {
            Thread.onSpinWait();
        }
    }

    private void sent(byte[] message) {
        try {
            raw.send(message);
        } catch (LuoException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void garbageIsRefused() throws LuoException {
        Random random = new Random(42);
        for (int i = 0; i < 500; i++) {
            byte[] garbage = new byte[1 + random.nextInt(300)];
            random.nextBytes(garbage);
            raw.send(garbage);
            assertMalformed();
        }
    }

    @Test
    void aMessageLongerThanAnyIsRefused() throws LuoException {
        raw.send(message(Kind.HELLO, 0, Wire.MAX_BYTES));
        assertMalformed();
    }

    @Test
    void kindsThatThereAreNotAreRefused() throws LuoException {
        for (int kind : new int[] {Kind.values().length, 255, 0x7fff, 0xffff}) {
            byte[] message = message(Kind.COMMIT, 0, 0);
            ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).putShort(4, (short) kind);
            raw.send(message);
            assertMalformed();
        }
    }

    @Test
    void fdsThatNobodyTakesAreClosed() throws LuoException {
        int file = Memfd.create("test", 0);
        int before = FdTable.open();
        raw.send(message(Kind.COMMIT, 0, 0), file, file, file);
        assertMalformed();
        raw.send(message(Kind.BATCH, 0, 24), file, file, file);
        wire.receive(PATIENCE);
        assertThat(FdTable.open()).isEqualTo(before + 3);
        raw.send(message(Kind.COMMIT, 0, 0));
        wire.receive(PATIENCE);
        assertThat(FdTable.open()).isEqualTo(before);
        Fds.close(file);
    }

    @Test
    void fdsThatGetLostAreNoticed() throws Exception {
        Path prlimit = Path.of("/usr/bin/prlimit");
        assumeTrue(Files.isExecutable(prlimit), "no " + prlimit);
        int file = Memfd.create("test", 0);
        int before = FdTable.open();
        try {
            soften(prlimit, before + 3);
            raw.send(
                    message(Kind.BATCH, 0, 24),
                    Collections.nCopies(10, file).stream().mapToInt(i -> i).toArray());
            assertThatThrownBy(() -> wire.receive(PATIENCE))
                    .isInstanceOfSatisfying(
                            LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EMFILE))
                    .hasMessageContaining("fds from peer got lost");
        } finally {
            Fds.raiseNofile();
        }
        raw.send(message(Kind.COMMIT, 0, 0));
        wire.receive(PATIENCE);
        assertThat(FdTable.open()).isEqualTo(before);
        Fds.close(file);
    }

    @Test
    void whatWasSentBeforeTheEndIsRead() throws LuoException {
        wire.compose(Kind.CONFIRM, 3);
        wire.send();
        raw.send(message(Kind.COMMIT, 3, 0));
        raw.close();
        assertThat(wire.receive(PATIENCE)).isEqualTo(Kind.COMMIT);
        assertThatThrownBy(() -> wire.receive(PATIENCE)).hasMessage("peer has gone [EPIPE]");
    }

    @Test
    void patienceEnds() {
        assertThatThrownBy(() -> wire.receive(Duration.ofMillis(20)))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    }

    @Test
    void textOfAPeerIsMadePrintable() {
        byte[] text = "a\u001b[1mb\u202e\nc\u00e9".getBytes(StandardCharsets.UTF_8);
        assertThat(Wire.printable(ByteBuffer.wrap(text))).isEqualTo("a?[1mb??c\u00e9");
        assertThat(Wire.printable(ByteBuffer.wrap(new byte[] {(byte) 0xff, 'x'})))
                .endsWith("x");
    }

    private void assertMalformed() {
        assertThatThrownBy(() -> wire.receive(PATIENCE))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG));
    }

    private static byte[] message(Kind kind, long epoch, int body) {
        ByteBuffer message = ByteBuffer.allocate(16 + body).order(ByteOrder.LITTLE_ENDIAN);
        message.putInt(0x4f55_4c48)
                .putShort((short) kind.ordinal())
                .putShort((short) 0)
                .putLong(epoch);
        return message.array();
    }

    private static void soften(Path prlimit, int limit) throws IOException, InterruptedException {
        long pid = ProcessHandle.current().pid();
        Process process = new ProcessBuilder(prlimit.toString(), "--pid=" + pid, "--nofile=" + limit + ":")
                .redirectErrorStream(true)
                .start();
        try (var output = process.getInputStream()) {
            assumeTrue(process.waitFor() == 0, () -> "prlimit does not work here: " + output);
        } finally {
            process.getOutputStream().close();
        }
    }
}
