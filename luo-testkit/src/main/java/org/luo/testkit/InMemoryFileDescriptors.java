// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.spi.FileDescriptors;
import org.luo.spi.FileIdentity;

/**
 * A small model of a kernel's open files: fds, open files that several fds share, and inodes that several open files
 * share.
 *
 * <p>As in a kernel the lowest free number is given out, so an fd that is used after its close soon means another file.
 * One table serves predecessor and successor alike. Thread-safe.
 */
public final class InMemoryFileDescriptors implements FileDescriptors {
    /** Numbers below belong to standard input, output and error. */
    private static final int FIRST = 3;

    private static final long DEVICE = 0x1f;

    private record Inode(String name, long number, StringBuilder contents) {}

    private static final class OpenFile {
        private final Inode inode;
        private final boolean path;

        OpenFile(Inode inode, boolean path) {
            this.inode = inode;
            this.path = path;
        }
    }

    // Guarded by this.
    private final Map<Integer, OpenFile> table = new HashMap<>();
    private final BitSet used = new BitSet();
    private long inodes;
    private int limit = Integer.MAX_VALUE;
    private int strayCloses;

    /** No file is open. */
    public InMemoryFileDescriptors() {
        used.set(0, FIRST);
    }

    /**
     * Creates a file of its own, even if there is another of that name, and opens it.
     *
     * @throws LuoException EMFILE at the limit
     */
    public synchronized int open(String name) throws LuoException {
        return install(new OpenFile(new Inode(name, ++inodes, new StringBuilder()), false));
    }

    /**
     * As {@link #open}, but the fd can only be looked at, as with O_PATH.
     *
     * @throws LuoException EMFILE at the limit
     */
    public synchronized int openPath(String name) throws LuoException {
        return install(new OpenFile(new Inode(name, ++inodes, new StringBuilder()), true));
    }

    /**
     * Opens the file behind an fd once more, as through {@code /proc/self/fd}: the same inode, another open file.
     *
     * @throws LuoException EBADF if the fd is not open · EMFILE at the limit
     */
    public synchronized int reopen(int fd) throws LuoException {
        return install(new OpenFile(opened(fd).inode, false));
    }

    @Override
    public synchronized int duplicate(int fd) throws LuoException {
        OpenFile file = opened(fd);
        if (file.path) {
            throw LuoException.of(Errno.EBADF, "duplicate fd " + fd + ": opened with O_PATH");
        }
        return install(file);
    }

    @Override
    public synchronized FileIdentity identity(int fd) throws LuoException {
        return new FileIdentity(DEVICE, opened(fd).inode.number);
    }

    @Override
    public synchronized long size(int fd) {
        OpenFile file = table.get(fd);
        return file == null ? 0 : file.inode.contents.length();
    }

    @Override
    public synchronized void close(int fd) {
        if (table.remove(fd) == null) {
            strayCloses++;
        } else {
            used.clear(fd);
        }
    }

    private int install(OpenFile file) throws LuoException {
        if (table.size() >= limit) {
            throw LuoException.of(
                    Errno.EMFILE, "open '" + file.inode.name + "': " + Amount.of(limit, "file") + " open");
        }
        int fd = used.nextClearBit(FIRST);
        used.set(fd);
        table.put(fd, file);
        return fd;
    }

    private OpenFile opened(int fd) throws LuoException {
        OpenFile file = table.get(fd);
        if (file == null) {
            throw LuoException.of(Errno.EBADF, "fd " + fd + " is not open");
        }
        return file;
    }

    /** From now on no more than so many fds can be open. */
    public synchronized void limit(int fds) {
        limit = fds;
    }

    /** How many fds are open. */
    public synchronized int openCount() {
        return table.size();
    }

    /** How often an fd was closed that was not open: each one could have hit somebody else's file. */
    public synchronized int strayCloses() {
        return strayCloses;
    }

    /** Whether the fd is open. */
    public synchronized boolean isOpen(int fd) {
        return table.containsKey(fd);
    }

    /** Whether two open fds share one open file, and so its offset. */
    public synchronized boolean sameOpenFile(int fd, int other) {
        return isOpen(fd) && table.get(fd) == table.get(other);
    }

    /** The name of the file behind an fd; {@code closed} if there is none. */
    public synchronized String name(int fd) {
        OpenFile file = table.get(fd);
        return file == null ? "closed" : file.inode.name;
    }

    /**
     * Appends text to a file.
     *
     * @throws LuoException EBADF if the fd is not open
     */
    public synchronized void write(int fd, String text) throws LuoException {
        opened(fd).inode.contents.append(text);
    }

    /**
     * All text of a file.
     *
     * @throws LuoException EBADF if the fd is not open
     */
    public synchronized String read(int fd) throws LuoException {
        return opened(fd).inode.contents.toString();
    }

    /** Every open fd with the name of its file, in order of the numbers: what a leak looks like. */
    @Override
    public synchronized String toString() {
        Map<Integer, String> names = new TreeMap<>();
        table.forEach((fd, file) -> names.put(fd, file.inode.name));
        return names.toString();
    }
}
