// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.iommu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.io.TempDir;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.linux.Sysfs;
import org.luo.spi.FileHandler;
import org.luo.spi.Flb;
import org.luo.testkit.contract.FileHandlerContract;

/** What every handler must keep to, on iommufds in memory; its content is how many address spaces one has. */
class IommuContractTest extends FileHandlerContract {
    @TempDir
    private Path root;

    private Sysfs sysfs() throws Exception {
        return Files.exists(root.resolve("dev/char")) ? new Sysfs(root) : IommufdsInMemory.sysfs(root);
    }

    @Override
    protected FileHandler handler() throws Exception {
        return new IommuHandler(sysfs(), new IommufdsInMemory());
    }

    @Override
    protected List<Flb<?>> newFlbs() throws Exception {
        return List.of(new IommuCoreFlb(sysfs()));
    }

    @Override
    protected int open() throws LuoException {
        return IommufdsInMemory.open(1);
    }

    @Override
    protected int openForeign() throws LuoException {
        return FileIo.open(Path.of("/proc/self/maps"), FileIo.O_RDONLY, 0);
    }

    @Override
    protected void write(int fd, int number) throws LuoException {
        IommufdsInMemory.spaces(fd, number);
    }

    @Override
    protected void assertTells(int fd, int number) throws LuoException {
        assertThat(IommufdsInMemory.spaces(fd)).isEqualTo(number);
    }

    /** Opening /dev/iommu anew makes another one. */
    @Override
    protected OptionalInt reopen(int fd) {
        return OptionalInt.empty();
    }
}
