// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.luo.Errno;
import org.luo.handover.Image;
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
    private final InMemoryIncoming incoming = new InMemoryIncoming();
    private KernelHandover handover;
    private Arrival arrival;

    @BeforeEach
    void kexec() throws Exception {
        handover = new KernelHandover(MachineFiles.ready(root).machine(), kernel);
        arrival = new Arrival(handover, incoming, new Deposit(Map.of()));
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
        incoming.close();
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
    void whatCameIsTakenAndOnceItIsServedTheKernelLetsItGo() throws Exception {
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
        assertThat(handover.refused()).isNull();
        assertThat(kernel.calls).as("nothing is served yet").doesNotContain("finish");
        arrival.finish();
        assertThat(kernel.calls).endsWith("finish");
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
