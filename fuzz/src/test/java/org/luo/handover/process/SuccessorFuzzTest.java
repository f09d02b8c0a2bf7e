// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.fuzz.Trial;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.IncomingSide;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.linux.UnixSocket;

/** What a predecessor may say: the successor serves only what it was given whole, or refuses and keeps no fd. */
class SuccessorFuzzTest {
    private static final int CAPACITY = 4096;
    private static final long EPOCH = 7;
    private static int fd;
    private static Stat stat;

    @BeforeAll
    static void open() throws LuoException {
        fd = Memfd.create("fuzz", Memfd.MFD_ALLOW_SEALING);
        FileIo.truncate(fd, CAPACITY);
        Memfd.addSeals(fd, Memfd.F_SEAL_SHRINK);
        stat = Stat.of(fd);
    }

    @AfterAll
    static void close() {
        Fds.close(fd);
    }

    /** The pass itself, and one after a rehearsal and a draft. */
    static Stream<byte[]> seeds() {
        Script whole = pass(new Script(), EPOCH, OutgoingPass.REHEARSAL);
        pass(whole, EPOCH + 1, OutgoingPass.DRAFT);
        return Stream.of(
                pass(new Script(), EPOCH, 0).bytes(), pass(whole, EPOCH + 2, 0).bytes());
    }

    private static Script pass(Script script, long epoch, int flags) {
        ByteBuffer prepare = Script.buffer(20).putInt(flags).putInt(2).putInt(9).putLong(CAPACITY);
        ByteBuffer batch = Script.buffer(40).putInt(0).putInt(2);
        for (int i = 0; i < 2; i++) {
            batch.putLong(stat.device()).putLong(stat.inode());
        }
        return script.say(Kind.PREPARE, epoch, 1, prepare)
                .say(Kind.BEGIN, epoch, 0, Script.buffer(4).putInt(2))
                .say(Kind.BATCH, epoch, 2, batch)
                .say(Kind.IMAGE, epoch, 0, Script.buffer(8).putLong(100))
                .say(Kind.COMMIT, epoch, 0, Script.buffer(0));
    }

    @MethodSource("seeds")
    @FuzzTest
    void follow(byte[] script) {
        Trial.runWithFds(() -> standBy(script), Errno.EBADMSG, Errno.ESTALE, Errno.EMFILE, Errno.EPIPE, Errno.ENODEV);
    }

    private static void standBy(byte[] script) throws LuoException {
        Incoming incoming = new Incoming();
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
                Wire wire = new Wire(pair.other(), "predecessor", Duration.ofSeconds(10));
                Standby standby = new Standby(wire, incoming, Fault.NONE)) {
            Script.send(script, pair.one(), fd, fd, fd);
            standby.run(() -> true);
            assertThat(incoming.served).isTrue();
        } finally {
            assertThat(incoming.served && !incoming.deserialized).isFalse();
            incoming.files.forEach(file -> Fds.close(file.fd()));
        }
    }

    /** Takes what it is given. */
    private static final class Incoming implements IncomingSide {
        private final List<OpenFile> files = new ArrayList<>();
        private boolean deserialized;
        private boolean served;

        @Override
        public Set<Compatible> readable() {
            return Set.of(Compatible.of("memfd-p1"));
        }

        @Override
        public void rehearse() {}

        @Override
        public void touch() {}

        @Override
        public void anticipate(Image draft) {
            files.addAll(draft.files());
        }

        @Override
        public void deserialize(Image image) {
            assertThat(deserialized).isFalse();
            assertThat(image.bytes().remaining()).isBetween(1, CAPACITY);
            deserialized = true;
            files.addAll(image.files());
        }

        @Override
        public void serve() {
            served = true;
        }

        @Override
        public void publish() {}
    }
}
