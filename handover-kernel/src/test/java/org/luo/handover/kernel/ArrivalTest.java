// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.IncomingSide;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.Verdict;
import org.luo.testkit.NoFdLeft;

/** The way in, with a double of the kernel: everything that came is taken, or nothing, and that is kept. */
@ExtendWith(NoFdLeft.class)
class ArrivalTest {
    @TempDir
    private Path root;

    private final InMemoryKernel kernel = new InMemoryKernel();
    private final InMemoryOutgoing outgoing = new InMemoryOutgoing();
    private final Incoming incoming = new Incoming();
    private KernelHandover handover;
    private Arrival arrival;

    /** Keeps what it gets. */
    private static final class Incoming implements IncomingSide {
        final List<Image> images = new ArrayList<>();
        boolean fails;

        @Override
        public Set<Compatible> readable() {
            return Set.of();
        }

        @Override
        public void rehearse() {
            // nothing to warm up
        }

        @Override
        public void touch() {
            // no freeze is waited for
        }

        @Override
        public void anticipate(Image draft) {
            throw new UnsupportedOperationException("no draft crosses a kexec");
        }

        @Override
        public void deserialize(Image image) throws LuoException {
            if (fails) {
                throw LuoException.of(Errno.ENOENT, "deserialize: nothing reads vm/0x1 (vfio-p1)");
            }
            images.add(image);
        }

        @Override
        public void serve() {
            // nothing to serve
        }

        @Override
        public void publish() {
            // nobody to tell
        }
    }

    @BeforeEach
    void kexec() throws Exception {
        handover = new KernelHandover(MachineFiles.ready(root).machine(), kernel);
        arrival = new Arrival(handover, incoming);
        outgoing.add("memfd-p1", Verdict.yes());
        outgoing.add(
                "memfd-p1",
                Verdict.yes(),
                outgoing.passengers.getFirst().files().getFirst(),
                outgoing.open());
        assertThat(catchThrowable(() -> handover.handOver(outgoing, Map.of())))
                .isInstanceOf(InMemoryKernel.Booted.class);
    }

    @AfterEach
    void close() {
        incoming.images.forEach(image -> image.files().forEach(file -> Fds.close(file.fd())));
        if (handover.refused() != null) {
            Fds.close(handover.refused().session());
        }
        kernel.close();
        outgoing.close();
    }

    private Map<Long, Integer> came() {
        return kernel.incoming.get(KernelSession.NAME).files();
    }

    @Test
    void whatCameIsTakenAndTheKernelLetsItGo() throws Exception {
        assertThat(arrival.find()).isTrue();
        arrival.take();
        Image image = incoming.images.getFirst();
        assertThat(image.anew()).isTrue();
        assertThat(image.bytes()).isEqualTo(ByteBuffer.wrap(InMemoryOutgoing.BYTES));
        assertThat(image.files()).hasSize(3);
        assertThat(image.files().get(1).identity())
                .isEqualTo(image.files().get(0).identity());
        assertThat(image.files().get(1).fd()).isNotEqualTo(image.files().get(0).fd());
        for (Image.OpenFile file : image.files()) {
            assertThat(Stat.of(file.fd()).inode()).isEqualTo(file.identity().inode());
        }
        assertThat(kernel.calls).endsWith("finish");
        assertThat(handover.refused()).isNull();
    }

    @Test
    void nothingIsFoundWhereNothingCame() {
        close();
        kernel.incoming.clear();
        assertThat(arrival.find()).isFalse();
        kernel.refusesSessions = Errno.EIO;
        assertThat(arrival.find()).isFalse();
    }

    @Test
    void whatCannotBeReadIsKeptWhole() {
        incoming.fails = true;
        assertRefused("nothing reads vm/0x1");
    }

    @Test
    void aFileThatIsMissingRefusesAll() {
        Fds.close(came().remove(2L));
        assertRefused("token 2");
    }

    @Test
    void aSessionWithoutAnEnvelopeIsForeign() {
        Fds.close(came().remove(Envelope.TOKEN));
        assertRefused("token 0");
    }

    @Test
    void anEnvelopeThatSomebodyElseWroteIsRefused() throws Exception {
        replaceEnvelope(Memfd.create("foreign", Memfd.MFD_ALLOW_SEALING));
        assertRefused("not sealed");
    }

    @Test
    void soIsOneThatIsEmptyOrNoMemoryAtAll() throws Exception {
        int empty = Memfd.create("foreign", Memfd.MFD_ALLOW_SEALING);
        Memfd.addSeals(empty, 0xe);
        replaceEnvelope(empty);
        assertRefused("envelope: 0 bytes");
        replaceEnvelope(FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0));
        Fds.close(handover.refused().session());
        assertRefused("not a memfd");
    }

    @Test
    void soIsOneOfAnotherVersion() throws Exception {
        ByteBuffer head = new Envelope(new long[0], ByteBuffer.allocate(0), 0, "1").head();
        head.put(8, (byte) 2);
        int fd = Memfd.create("newer", Memfd.MFD_ALLOW_SEALING);
        try (var arena = java.lang.foreign.Arena.ofConfined()) {
            FileIo.pwrite(fd, arena.allocate(head.limit()).copyFrom(MemorySegment.ofBuffer(head)), 0);
        }
        Memfd.addSeals(fd, 0xe);
        replaceEnvelope(fd);
        assertRefused("version 2, not 1");
    }

    private void replaceEnvelope(int fd) {
        Integer before = came().put(Envelope.TOKEN, fd);
        if (before != null) {
            Fds.close(before);
        }
    }

    private void assertRefused(String why) {
        assertThat(arrival.find()).isTrue();
        arrival.take();
        assertThat(handover.refused().why()).hasMessageContaining(why);
        assertThat(Fds.isOpen(handover.refused().session())).isTrue();
        assertThat(kernel.calls).doesNotContain("finish");
        assertThat(incoming.images).isEmpty();
    }
}
