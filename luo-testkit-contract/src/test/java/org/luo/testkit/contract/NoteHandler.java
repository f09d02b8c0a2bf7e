// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/** A sound handler to break: unnamed shared memory, whose state is its inode, kept through an fd of the handler's own. */
class NoteHandler implements FileHandler {
    private static final Compatible OLD = Compatible.of("note-v1");

    @Override
    public Compatible compatible() {
        return Compatible.of("note-v2");
    }

    @Override
    public List<Compatible> reads() {
        return List.of(OLD);
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            Stat stat = Stat.of(fd);
            return stat.isRegular() && stat.links() == 0 ? Verdict.yes() : Verdict.no("no note");
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        Stat stat = Stat.of(fd);
        return new FileIdentity(stat.device(), stat.inode());
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        if (Stat.of(fd).size() > 1 << 20) {
            throw LuoException.of(Errno.EFBIG, "preserve note, fd " + fd + ": too large");
        }
        byte[] data = ByteBuffer.allocate(8).putLong(Stat.of(fd).inode()).array();
        return PluginState.of(data, Fds.duplicate(fd));
    }

    @Override
    public void unpreserve(int fd, PluginState state) {
        state.fds().forEach(Fds::close);
    }

    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        int length = compatible.equals(OLD) ? 0 : 8;
        if (state.data().length != length || state.fds().size() != 1) {
            throw LuoException.of(Errno.EBADMSG, "note: " + state + ", expected " + length + " bytes, 1 fd");
        }
        int fd = state.fds().getFirst();
        if (length > 0 && ByteBuffer.wrap(state.data()).getLong() != Stat.of(fd).inode()) {
            throw LuoException.of(Errno.EBADMSG, "note: fd " + fd + " is another file");
        }
        return fd;
    }

    @Override
    public void finish(PluginState state, Retrieval retrieval) {}

    static int create() throws LuoException {
        return Memfd.create("note", Memfd.MFD_ALLOW_SEALING);
    }

    static void write(int fd, int number) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            FileIo.pwrite(fd, arena.allocateFrom(ValueLayout.JAVA_INT, number), 0);
        }
    }

    static int read(int fd) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(4, 4);
            FileIo.pread(fd, number, 0);
            return number.get(ValueLayout.JAVA_INT, 0);
        }
    }
}
