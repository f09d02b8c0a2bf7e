// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Mapping;
import org.luo.linux.Memfd;
import org.luo.linux.Stat;

/**
 * The memfd that carries the image, as the successor sees it: mapped and present before anything is in it.
 *
 * <p>The orchestrator gets a copy on the heap, for which room was made as well: that may be kept for as long as it likes,
 * and it is the kind of buffer that the orchestrator writes and rehearses with, so that what the JVM has compiled for one
 * fits the other.
 */
final class ImageView implements AutoCloseable {
    private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

    private final int fd;
    private Mapping mapping;
    private byte[] copy;

    private ImageView(int fd) {
        this.fd = fd;
    }

    /**
     * Maps the file.
     *
     * @param fd owned by this from here on, and closed if this throws
     * @throws LuoException EBADMSG if the file is not that long · ENOMEM · ENODEV
     */
    static ImageView of(int fd, long capacity) throws LuoException {
        ImageView view = new ImageView(fd);
        try {
            view.map(capacity);
            view.mapping.populate();
            return view;
        } catch (LuoException e) {
            view.close();
            throw e;
        }
    }

    /**
     * The image.
     *
     * @throws LuoException EBADMSG if the file is shorter, or may still be cut
     */
    ByteBuffer bytes(long length) throws LuoException {
        if ((Memfd.seals(fd) & Memfd.F_SEAL_SHRINK) == 0) {
            throw LuoException.of(Errno.EBADMSG, "image: not sealed");
        }
        if (length <= 0 || length > copy.length) {
            map(length);
        }
        MemorySegment.copy(mapping.segment(), 0, MemorySegment.ofArray(copy), 0, length);
        return ByteBuffer.wrap(copy, 0, (int) length).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void map(long length) throws LuoException {
        long size = Stat.of(fd).size();
        if (length <= 0 || length > size || length > MAX_BYTES) {
            throw LuoException.of(Errno.EBADMSG, "image: " + length + " bytes announced, its file has " + size);
        }
        Mapping larger = Mapping.map(fd, 0, length, false);
        unmap();
        mapping = larger;
        copy = new byte[(int) length];
    }

    private void unmap() {
        if (mapping != null) {
            mapping.close();
        }
    }

    @Override
    public void close() {
        unmap();
        Fds.close(fd);
    }
}
