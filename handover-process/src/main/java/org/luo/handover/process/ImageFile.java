// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.FileIo;
import org.luo.linux.Memfd;

/**
 * The memfd that carries the image, as the predecessor sees it: its pages are there before the blackout, and the
 * successor has them mapped, so that only bytes are copied in it.
 *
 * <p>The successor gets a read-only open file of its own. A mapping of a writable one would count as writable and keep
 * the file from being sealed.
 *
 * <p>Context: one thread.
 */
final class ImageFile implements AutoCloseable {
    private static final int SEALS = Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_WRITE | Memfd.F_SEAL_SEAL;

    private final Arena arena = Arena.ofConfined();
    private final int fd;
    private final int readOnly;
    private final MemorySegment copy;

    private ImageFile(int fd, int readOnly, long capacity) {
        this.fd = fd;
        this.readOnly = readOnly;
        this.copy = arena.allocate(capacity);
    }

    /**
     * A file of that many bytes, all of them zero and allocated.
     *
     * @throws LuoException EMFILE · ENOMEM · ENOSPC
     */
    static ImageFile create(long capacity) throws LuoException {
        int fd = Memfd.create("luo-image", Memfd.MFD_ALLOW_SEALING);
        try {
            FileIo.truncate(fd, capacity);
            FileIo.allocate(fd, 0, 0, capacity);
            int readOnly = FileIo.open(Path.of("/proc/self/fd/" + fd), FileIo.O_RDONLY, 0);
            return new ImageFile(fd, readOnly, capacity);
        } catch (LuoException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /** The fd for the successor. */
    int readOnlyFd() {
        return readOnly;
    }

    /**
     * Writes the image and seals the file. More bytes than the capacity are slower, not wrong.
     *
     * @throws LuoException ENOMEM · ENOSPC
     */
    void write(ByteBuffer image) throws LuoException {
        MemorySegment bytes = MemorySegment.ofBuffer(image);
        if (bytes.byteSize() > copy.byteSize()) {
            FileIo.truncate(fd, bytes.byteSize());
        }
        for (long done = 0; done < bytes.byteSize(); done += copy.byteSize()) {
            MemorySegment part = copy.asSlice(0, Math.min(copy.byteSize(), bytes.byteSize() - done));
            part.copyFrom(bytes.asSlice(done, part.byteSize()));
            FileIo.pwrite(fd, part, done);
        }
        Memfd.addSeals(fd, SEALS);
    }

    @Override
    public void close() {
        Fds.close(readOnly);
        Fds.close(fd);
        arena.close();
    }
}
