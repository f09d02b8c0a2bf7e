// SPDX-License-Identifier: Apache-2.0
package org.example.eventfd;

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
import org.osgi.service.component.annotations.Component;

/**
 * Keeps eventfds. The open file itself crosses, so its counter and its flags stay what they are, and whoever waits for it
 * goes on waiting.
 *
 * <p>The state is the number that the kernel gives every eventfd, u64, little-endian. All eventfds share one inode, so
 * this number and not the inode tells them apart.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 */
@Component
public final class EventFdHandler implements FileHandler {
    private static final Compatible COMPATIBLE = Compatible.of("eventfd-v1");

    /** Stands for a device in identities, so that none equals a real file's. */
    private static final long EVENTFDS = 0x6576656e74666473L;

    @Override
    public Compatible compatible() {
        return COMPATIBLE;
    }

    @Override
    public Verdict canPreserve(int fd) {
        try {
            number(fd);
            return Verdict.yes();
        } catch (LuoException e) {
            return Verdict.no(e.getMessage());
        }
    }

    @Override
    public FileIdentity identity(int fd) throws LuoException {
        return new FileIdentity(EVENTFDS, number(fd));
    }

    @Override
    public PluginState preserve(int fd) throws LuoException {
        byte[] data = new byte[Long.BYTES];
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putLong(number(fd));
        return PluginState.of(data, fd);
    }

    /** Nothing to undo. */
    @Override
    public void unpreserve(int fd, PluginState state) {}

    @Override
    public int retrieve(Compatible compatible, PluginState state) throws LuoException {
        if (state.data().length != Long.BYTES || state.fds().size() != 1) {
            throw LuoException.of(Errno.EBADMSG, "retrieve eventfd: " + state + ", expected 8 bytes and one fd");
        }
        long expected =
                ByteBuffer.wrap(state.data()).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int fd = state.fds().getFirst();
        if (!canPreserve(fd).ok() || number(fd) != expected) {
            throw LuoException.of(Errno.EBADMSG, "retrieve eventfd, fd " + fd + ": not the eventfd " + expected);
        }
        return fd;
    }

    /** Nothing to free. */
    @Override
    public void finish(PluginState state, Retrieval retrieval) {}

    /** @throws LuoException EINVAL if it is no eventfd · EBADF */
    private static long number(int fd) throws LuoException {
        return shown(fd, "eventfd-id:", 10);
    }

    /** A number that {@code /proc} shows of an eventfd. */
    static long shown(int fd, String field, int radix) throws LuoException {
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
