// SPDX-License-Identifier: Apache-2.0
package org.example.eventfd;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalInt;
import org.luo.LuoException;
import org.luo.linux.EventFd;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.spi.FileHandler;
import org.luo.testkit.contract.FileHandlerContract;

class EventFdContractTest extends FileHandlerContract {
    private static final String COUNT = "eventfd-count:";

    @Override
    protected FileHandler handler() {
        return new EventFdHandler();
    }

    @Override
    protected int open() throws LuoException {
        try (EventFd event = EventFd.create()) {
            return Fds.duplicate(event.fd());
        }
    }

    @Override
    protected int openForeign() throws LuoException {
        return Memfd.create("no-eventfd", 0);
    }

    /** An eventfd can't be opened by way of {@code /proc}. */
    @Override
    protected OptionalInt reopen(int fd) {
        return OptionalInt.empty();
    }

    /** Sets the counter: reading takes it to 0, writing adds. */
    @Override
    protected void write(int fd, int number) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counter = arena.allocate(ValueLayout.JAVA_LONG);
            if (EventFdHandler.shown(fd, COUNT, 16) > 0) {
                FileIo.read(fd, counter);
            }
            counter.set(ValueLayout.JAVA_LONG, 0, number);
            FileIo.write(fd, counter);
        }
    }

    @Override
    protected void assertTells(int fd, int number) throws LuoException {
        assertThat(EventFdHandler.shown(fd, COUNT, 16)).isEqualTo(number);
    }
}
