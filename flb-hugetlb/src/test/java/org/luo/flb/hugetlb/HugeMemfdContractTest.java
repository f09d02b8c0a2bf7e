// SPDX-License-Identifier: Apache-2.0
package org.luo.flb.hugetlb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.testkit.HugePages;
import org.luo.testkit.contract.FileHandlerContract;

/** What every handler must keep to, with the FLB of this machine. */
class HugeMemfdContractTest extends FileHandlerContract {
    private static final int PAGES = 32;

    private static HugePages pages;

    @BeforeAll
    static void take() {
        pages = Scratch.pages(PAGES);
    }

    @AfterAll
    static void giveBack() throws IOException {
        if (pages != null) {
            pages.close();
        }
    }

    @Override
    protected FileHandler handler() {
        return new HugeMemfdHandler();
    }

    @Override
    protected List<Flb<?>> newFlbs() {
        return List.of(new HugetlbFlb());
    }

    @Override
    protected int open() throws LuoException {
        int fd = Memfd.create("contract", Memfd.MFD_HUGETLB | Memfd.MFD_ALLOW_SEALING);
        FileIo.seek(fd, 5, FileIo.SEEK_SET);
        return fd;
    }

    @Override
    protected int openForeign() throws LuoException {
        return Memfd.create("foreign", Memfd.MFD_ALLOW_SEALING);
    }

    @Override
    protected OptionalInt reopen(int fd) throws LuoException {
        return OptionalInt.of(FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDONLY, 0));
    }

    @Override
    protected void write(int fd, int number) throws LuoException {
        Scratch.write(fd, "number " + number);
    }

    @Override
    protected void assertTells(int fd, int number) throws LuoException {
        Scratch.assertTells(fd, "number " + number);
        assertThat(FileIo.position(fd)).isEqualTo(5);
    }

    @Override
    protected void assertLayout(byte[] frozen, int fd) throws LuoException {
        assertThat(HugeMemfdCodec.encode(HugeMemfdState.of(fd))).isEqualTo(frozen);
    }
}
