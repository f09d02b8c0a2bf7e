// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.FileHandler;
import org.luo.spi.FileIdentity;
import org.luo.spi.PluginState;
import org.luo.spi.Retrieval;
import org.luo.spi.Verdict;

/**
 * Keeps eventfds; the example of docs/write-a-handler.md. All of them have one inode, so what tells them apart is the
 * number that the kernel shows in {@code /proc}.
 */
class EventFdHandler implements FileHandler {
    private static final long NAME_SPACE = 0x6576656e74666421L;

    @Override
    public Compatible compatible() {
        return Compatible.of("eventfd-v1");
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            id(fd);
            return Verdict.yes();
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return new FileIdentity(NAME_SPACE, id(fd));
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        byte[] data = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(id(fd))
                .array();
        return PluginState.of(data, fd);
    }

    @Override
    public void unpreserve(int fd, PluginState state) {}

    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        if (state.data().length != 8 || state.fds().size() != 1) {
            throw LuoException.of(Errno.EBADMSG, "retrieve eventfd: " + state + ", expected 8 bytes, 1 fd");
        }
        int fd = state.fds().getFirst();
        long expected =
                ByteBuffer.wrap(state.data()).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (!canPreserve(fd).ok() || id(fd) != expected) {
            throw LuoException.of(Errno.EBADMSG, "retrieve eventfd, fd " + fd + ": not eventfd " + expected);
        }
        return fd;
    }

    @Override
    public void finish(PluginState state, Retrieval retrieval) {}

    private static long id(int fd) throws LuoException {
        return value(fd, "eventfd-id:", 10);
    }

    /** What the kernel shows of an eventfd. */
    static long value(int fd, String field, int radix) throws LuoException {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
                if (line.startsWith(field)) {
                    return Long.parseLong(line.substring(field.length()).strip(), radix);
                }
            }
        } catch (IOException e) {
            throw LuoException.of(Errno.EBADF, "fd " + fd + " is not open", e);
        }
        throw LuoException.of(Errno.EINVAL, "fd " + fd + " is no eventfd");
    }
}
