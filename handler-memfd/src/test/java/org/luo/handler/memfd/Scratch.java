// SPDX-License-Identifier: Apache-2.0
package org.luo.handler.memfd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/** Files to try the handler on; all of them are closed at the end. */
final class Scratch implements AutoCloseable {
    private static final Path SHM = Path.of("/dev/shm");

    private final List<Integer> fds = new ArrayList<>();

    int memfd(int flags) throws LuoException {
        return keep(Memfd.create("scratch", flags));
    }

    /** A file of a tmpfs with a name, which the caller unlinks. */
    int linked(Path path) throws LuoException {
        return keep(FileIo.open(path, FileIo.O_RDWR | FileIo.O_CREAT | FileIo.O_EXCL, 0640));
    }

    int unlinked() throws LuoException {
        Path path = SHM.resolve("luo-test-" + ProcessHandle.current().pid());
        int fd = linked(path);
        FileIo.unlink(path);
        return fd;
    }

    int tmpfile() throws LuoException {
        return open(SHM, FileIo.O_TMPFILE | FileIo.O_RDWR);
    }

    /** A new open file on the same memory. */
    int reopen(int fd, int flags) throws LuoException {
        return open(Path.of("/proc/self/fd/" + fd), flags);
    }

    int open(Path path, int flags) throws LuoException {
        return keep(FileIo.open(path, flags, 0600));
    }

    /** Sends it to ourselves, as a handover does, and closes ours. */
    int handOver(int fd) throws LuoException {
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            pair.one().send(new byte[1], fd);
            fds.remove((Integer) fd);
            Fds.close(fd);
            Received received = pair.other().receive(new byte[1]);
            return keep(received.fds()[0]);
        }
    }

    int keep(int fd) {
        fds.add(fd);
        return fd;
    }

    static void write(int fd, String text, long offset) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            FileIo.pwrite(fd, arena.allocateFrom(text), offset);
        }
    }

    static String read(int fd, long offset) throws LuoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(100);
            FileIo.pread(fd, buffer, offset);
            return buffer.getString(0);
        }
    }

    @Override
    public void close() {
        fds.forEach(Fds::close);
    }
}
