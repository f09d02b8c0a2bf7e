// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.spi.FileHandler;
import org.luo.testkit.contract.FileHandlerContract;

/** What every handler must keep to. */
class MemfdContractTest extends FileHandlerContract {
    @Override
    protected FileHandler handler() {
        return new MemfdHandler();
    }

    @Override
    protected int open() throws LuoException {
        int fd = Memfd.create("contract", Memfd.MFD_ALLOW_SEALING);
        FileIo.seek(fd, 5, FileIo.SEEK_SET);
        return fd;
    }

    @Override
    protected int openForeign() throws LuoException {
        return FileIo.open(Path.of("/proc/self/maps"), FileIo.O_RDONLY, 0);
    }

    @Override
    protected OptionalInt reopen(int fd) throws LuoException {
        return OptionalInt.of(FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDONLY, 0));
    }

    @Override
    protected void write(int fd, int number) throws LuoException {
        Scratch.write(fd, "number " + number, 0);
    }

    @Override
    protected void assertTells(int fd, int number) throws LuoException {
        assertThat(Scratch.read(fd, 0)).isEqualTo("number " + number);
        assertThat(FileIo.position(fd)).isEqualTo(5);
    }

    @Override
    protected void assertLayout(byte[] frozen, int fd) throws LuoException {
        assertThat(MemfdCodec.encode(MemfdState.of(fd, FileIo.O_RDWR))).isEqualTo(frozen);
    }
}
