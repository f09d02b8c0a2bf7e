// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.PluginState;
import org.luo.testkit.NoFdLeft;

/** What of a file a kexec keeps, shown with files that are as the kernel makes them. */
@ExtendWith(NoFdLeft.class)
class CrossedKernelTest {
    private final MemfdHandler handler = new MemfdHandler();
    private final Scratch scratch = new Scratch();

    @AfterEach
    void close() {
        scratch.close();
    }

    /** As the kernel makes it: sealable, mode 0777. */
    private int made(long size, int seals) throws LuoException {
        int fd = scratch.memfd(Memfd.MFD_ALLOW_SEALING);
        FileIo.truncate(fd, size);
        if (seals != 0) {
            Memfd.addSeals(fd, seals);
        }
        return fd;
    }

    private PluginState crossed(PluginState frozen, int fd) throws LuoException {
        return handler.crossedKernel(handler.compatible(), PluginState.of(frozen.data(), fd));
    }

    @Test
    void theNewFileIsRetrievedAsIfItHadBeenFrozenHere() throws Exception {
        PluginState frozen = handler.preserve(made(8192, Memfd.F_SEAL_GROW));
        int fd = made(8192, Memfd.F_SEAL_GROW);
        PluginState state = crossed(frozen, fd);
        assertThat(handler.retrieve(handler.compatible(), state)).isEqualTo(fd);
        assertThat(state.data()).isEqualTo(handler.preserve(fd).data());
    }

    @Test
    void itGetsItsModeBack() throws Exception {
        int fd = made(1, 0);
        FileIo.chmod(fd, 0640);
        PluginState frozen = handler.preserve(fd);
        int anew = made(1, 0);
        handler.retrieve(handler.compatible(), crossed(frozen, anew));
        assertThat(Stat.of(anew).mode()).isEqualTo(0100640);
    }

    @Test
    void anotherSizeOrAMissingSealIsNamed() throws Exception {
        PluginState frozen = handler.preserve(made(4096, Memfd.F_SEAL_SHRINK));
        assertRefused("size 0, expected 4096", frozen, made(0, Memfd.F_SEAL_SHRINK));
        assertRefused("seals 0x0, expected 0x2", frozen, made(4096, 0));
    }

    @Test
    void whatIsNoSharedMemoryIsRefusedWithoutAskingForItsSeals() throws Exception {
        PluginState frozen = handler.preserve(made(4096, 0));
        assertRefused("size -1", frozen, scratch.open(java.nio.file.Path.of("/dev/null"), FileIo.O_RDWR));
    }

    @Test
    void aFileThatWouldComeBackSealedOrWritableMayNotCross() throws Exception {
        assertThat(verdict(made(1, Memfd.F_SEAL_GROW | Memfd.F_SEAL_WRITE))).isEmpty();
        assertThat(verdict(scratch.memfd(Memfd.MFD_NOEXEC_SEAL))).contains("F_SEAL_EXEC");
        assertThat(verdict(made(1, Memfd.F_SEAL_EXEC))).isEmpty();
        assertThat(verdict(scratch.reopen(made(1, 0), FileIo.O_RDONLY))).contains("open for both");
        assertThat(handler.canCrossKernel(PluginState.empty()).reason()).contains("expected 72");
    }

    private String verdict(int fd) throws LuoException {
        return handler.canCrossKernel(handler.preserve(fd)).reason();
    }

    private void assertRefused(String message, PluginState frozen, int fd) {
        assertThatExceptionOfType(LuoException.class)
                .isThrownBy(() -> crossed(frozen, fd))
                .withMessageContaining(message);
    }
}
