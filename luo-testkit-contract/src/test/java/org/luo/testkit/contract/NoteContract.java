// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.linux.FileIo;
import org.luo.spi.FileHandler;
import org.luo.spi.PluginState;

/** What the contract is told about notes. */
abstract class NoteContract extends FileHandlerContract {
    @Override
    protected FileHandler handler() {
        return new NoteHandler();
    }

    @Override
    protected int open() throws LuoException {
        return NoteHandler.create();
    }

    @Override
    protected int openForeign() throws LuoException {
        return FileIo.open(Path.of("/dev/null"), FileIo.O_RDWR, 0);
    }

    @Override
    protected OptionalInt openUnpreservable() throws LuoException {
        int fd = NoteHandler.create();
        FileIo.truncate(fd, 2 << 20);
        return OptionalInt.of(fd);
    }

    @Override
    protected void write(int fd, int number) throws LuoException {
        NoteHandler.write(fd, number);
    }

    @Override
    protected void assertTells(int fd, int number) throws LuoException {
        assertThat(NoteHandler.read(fd)).isEqualTo(number);
    }

    @Override
    protected Map<Compatible, PluginState> oldStates(int fd) throws LuoException {
        return Map.of(Compatible.of("note-v1"), PluginState.of(new byte[0], fd));
    }
}
