// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.luo.LuoException;

/**
 * A part of a file seen as memory, shared with everybody who maps it.
 *
 * <p>Thread-safe. Access beyond the end of the file, for example after it was cut, is an InternalError. It does not
 * need the fd any more.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/mmap.2.html">mmap(2)</a>
 */
public final class Mapping implements AutoCloseable {
    /** The pages will be needed soon. */
    public static final int MADV_WILLNEED = 3;

    /** The pages are not needed in this mapping now. */
    public static final int MADV_DONTNEED = 4;

    /** Use huge pages where it can be done. */
    public static final int MADV_HUGEPAGE = 14;

    private static final int MADV_POPULATE_READ = 22;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private final boolean writable;

    private Mapping(long address, long length, boolean writable) {
        this.segment = segment(address, length, arena, writable);
        this.writable = writable;
    }

    /**
     * Maps a part of a file.
     *
     * <p>Undo: {@link #close()}.
     *
     * @param offset in bytes, a multiple of the page size
     * @param length in bytes, more than 0; 2 GiB and more are fine
     * @throws LuoException EBADF · EACCES if the fd is not open for that · EPERM if a seal forbids it · EINVAL ·
     *     ENODEV if this kind of file can't be mapped · ENOMEM
     */
    public static Mapping map(int fd, long offset, long length, boolean writable) throws LuoException {
        int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
        long address = Kernel.call(
                Kernel.memory(), MemorySegment.NULL, Nr.MMAP, 0, length, protection, MAP_SHARED, fd, offset);
        Failure.check(address, "map " + length + " bytes at " + offset + " of fd", fd);
        return new Mapping(address, length, writable);
    }

    /** The memory; using it after {@link #close()} is an IllegalStateException. */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Allocates all pages and makes them present here, so that later access does not fault.
     *
     * @throws LuoException ENOMEM · EFAULT if the file is shorter · EINVAL before Linux 5.14
     */
    public void populate() throws LuoException {
        advise(writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    }

    /**
     * Tells the kernel how the memory will be used.
     *
     * @param advice MADV_ constant
     * @throws LuoException EINVAL if the kernel does not know it · ENOMEM
     */
    public void advise(int advice) throws LuoException {
        long result = Kernel.call(
                Kernel.memory(), segment, Nr.MADVISE, segment.address(), segment.byteSize(), advice, 0, 0, 0);
        if (result < 0) {
            throw Failure.of(result, "advise " + advice + " for " + segment.byteSize() + " mapped bytes");
        }
    }

    /**
     * Takes the mapping away. Closing twice does nothing.
     *
     * @throws IllegalStateException if a thread is in a call that uses the memory; it can be closed afterwards
     */
    @Override
    public synchronized void close() {
        if (segment.scope().isAlive()) {
            arena.close();
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment segment(long address, long length, Arena arena, boolean writable) {
        MemorySegment segment = MemorySegment.ofAddress(address)
                .reinterpret(length, arena, gone -> Kernel.call(Nr.MUNMAP, address, length, 0));
        return writable ? segment : segment.asReadOnly();
    }
}
