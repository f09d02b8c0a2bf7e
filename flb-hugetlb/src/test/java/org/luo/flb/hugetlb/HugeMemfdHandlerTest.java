// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.PluginState;
import org.luo.spi.Verdict;
import org.luo.testkit.HugePages;

/** What is kept and what is refused, and what is not taken for a file that was kept. */
class HugeMemfdHandlerTest {
    private final HugeMemfdHandler handler = new HugeMemfdHandler();
    private final Scratch scratch = new Scratch();

    @AfterEach
    void close() {
        scratch.close();
    }

    @Test
    void hugetlbMemoryWithoutANameIsKept() {
        assertThat(handler.canPreserve(scratch.huge(0))).isEqualTo(Verdict.yes());
        assertThat(handler.canPreserve(scratch.huge(Memfd.MFD_NOEXEC_SEAL))).isEqualTo(Verdict.yes());
    }

    @Test
    void whatIsNoneIsRefusedWithTheReason() throws Exception {
        assertThat(handler.canPreserve(scratch.memfd())).isEqualTo(Verdict.no("not hugetlb memory"));
        int device = scratch.keep(FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0));
        assertThat(handler.canPreserve(device)).isEqualTo(Verdict.no("not a regular file"));
        assertThat(handler.canPreserve(19999).reason()).contains("fd 19999", "EBADF");
        int path = scratch.reopen(scratch.huge(0), FileIo.O_PATH);
        assertThat(handler.canPreserve(path)).isEqualTo(Verdict.no("an O_PATH fd"));
    }

    @Test
    void preservingTellsWhatThereIs() throws Exception {
        int fd = scratch.huge(Memfd.MFD_ALLOW_SEALING | Memfd.MFD_NOEXEC_SEAL);
        long page = Stat.blockSize(fd);
        FileIo.truncate(fd, 3 * page);
        FileIo.seek(fd, 100, FileIo.SEEK_SET);
        Memfd.addSeals(fd, Memfd.F_SEAL_SHRINK);
        PluginState state = handler.preserve(fd);
        Stat stat = Stat.of(fd);
        assertThat(state.fds()).containsExactly(fd);
        assertThat(HugeMemfdCodec.decode(state.data()))
                .isEqualTo(new HugeMemfdState(
                        100,
                        3 * page,
                        Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_EXEC,
                        FileIo.O_RDWR,
                        page,
                        stat.device(),
                        stat.inode(),
                        0100666));
        assertThat(handler.freeze(fd, state)).isSameAs(state);
    }

    @Test
    void pagesOfEverySizeTheMachineHasAreKept() throws Exception {
        int largest = scratch.huge(30 << 26); // MFD_HUGE_1GB
        assertThat(Stat.blockSize(largest)).isEqualTo(1L << 30);
        PluginState state = handler.preserve(largest);
        assertThat(HugeMemfdCodec.decode(state.data()).pageSize()).isEqualTo(1L << 30);
        assertThat(handler.retrieve(handler.compatible(), state)).isEqualTo(largest);
    }

    @Test
    void freezingLooksAgain() throws Exception {
        int fd = scratch.huge(Memfd.MFD_ALLOW_SEALING);
        PluginState state = handler.preserve(fd);
        FileIo.truncate(fd, 4 * Stat.blockSize(fd));
        Files.setPosixFilePermissions(Path.of("/proc/self/fd/" + fd), PosixFilePermissions.fromString("rw-------"));
        HugeMemfdState frozen = HugeMemfdCodec.decode(handler.freeze(fd, state).data());
        assertThat(frozen.size()).isEqualTo(4 * Stat.blockSize(fd));
        assertThat(frozen.mode()).isEqualTo(0100600);
    }

    @Test
    void anotherFileIsNotTakenForIt() throws Exception {
        PluginState frozen = handler.preserve(scratch.huge(0));
        assertMalformed("inode", moved(frozen, scratch.huge(0)));
        assertMalformed("device", moved(frozen, scratch.memfd()));
        int fd = frozen.fds().getFirst();
        assertMalformed("access mode 0x0, expected 0x2", moved(frozen, scratch.reopen(fd, FileIo.O_RDONLY)));
        assertMalformed("0 fds, expected 1", new PluginState(frozen.data(), List.of()));
        assertMalformed("2 fds, expected 1", new PluginState(frozen.data(), List.of(fd, fd)));
    }

    @Test
    void aFileThatChangedIsNamed() throws Exception {
        int fd = scratch.huge(Memfd.MFD_ALLOW_SEALING);
        PluginState frozen = handler.preserve(fd);
        FileIo.truncate(fd, Stat.blockSize(fd));
        assertMalformed("fd " + fd + ": size 0x200000, expected 0x0", frozen);
        FileIo.truncate(fd, 0);
        Files.setPosixFilePermissions(Path.of("/proc/self/fd/" + fd), PosixFilePermissions.fromString("---------"));
        assertMalformed("mode 0x8000, expected 0x81ff", frozen);
    }

    @Test
    void everyFlippedBitIsSeenButInThePosition() throws Exception {
        int fd = scratch.huge(Memfd.MFD_ALLOW_SEALING);
        byte[] data = handler.preserve(fd).data();
        for (int bit = 0; bit < data.length * 8; bit++) {
            byte[] flipped = data.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            PluginState state = PluginState.of(flipped, fd);
            if (bit >= 64 && bit < 127) {
                assertThat(handler.retrieve(handler.compatible(), state)).isEqualTo(fd);
            } else {
                assertMalformed("", state);
            }
        }
    }

    @Test
    void noOtherFormatIsRead() throws Exception {
        PluginState state = handler.preserve(scratch.huge(0));
        assertThat(handler.compatible()).hasToString("huge-memfd-p1");
        assertThatIllegalArgumentException().isThrownBy(() -> handler.retrieve(Compatible.of("memfd-p1"), state));
    }

    @Test
    void keepingAFileMovesNoPage() throws Exception {
        try (HugePages _ = Scratch.pages(4)) {
            int fd = scratch.huge(Memfd.MFD_ALLOW_SEALING);
            Scratch.write(fd, "one page");
            long free = HugePages.free();
            PluginState state = handler.freeze(fd, handler.preserve(fd));
            Scratch.assertTells(handler.retrieve(handler.compatible(), state), "one page");
            handler.rehearse();
            assertThat(HugePages.free()).isEqualTo(free);
        } finally {
            scratch.close();
        }
    }

    private static PluginState moved(PluginState state, int fd) {
        return PluginState.of(state.data(), fd);
    }

    private void assertMalformed(String message, PluginState state) {
        assertThatExceptionOfType(LuoException.MalformedState.class)
                .isThrownBy(() -> handler.retrieve(handler.compatible(), state))
                .withMessageContaining(message);
    }
}
