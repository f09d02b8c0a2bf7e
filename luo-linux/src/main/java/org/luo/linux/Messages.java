// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Messages with fds, laid out in the thread's block: struct msghdr, one struct iovec, one struct cmsghdr and its fds.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/cmsg.3.html">cmsg(3)</a>
 */
final class Messages {
    /** The kernel's SCM_MAX_FD. */
    static final int MAX_FDS = 253;

    /** Answer EAGAIN instead of waiting. */
    static final int MSG_DONTWAIT = 0x40;

    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    private static final int HEADER = Kernel.SCRATCH;
    private static final int HEADER_IOV = HEADER + 16;
    private static final int HEADER_IOVLEN = HEADER + 24;
    private static final int HEADER_CONTROL = HEADER + 32;
    private static final int HEADER_CONTROLLEN = HEADER + 40;
    private static final int HEADER_FLAGS = HEADER + 48;
    private static final int HEADER_BYTES = 56;
    private static final int IOV = HEADER + 64;
    private static final int CONTROL = IOV + 16;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;
    private static final int[] NO_FDS = {};

    private Messages() {}

    /**
     * Sends one message.
     *
     * @param done how many bytes of the data have been sent already
     * @return how many bytes went, or negative errno
     */
    static long send(int socket, MemorySegment data, long done, int[] fds, int from, int count) {
        return send(socket, data, done, fds, from, count, 0);
    }

    /** As above, with {@link #MSG_DONTWAIT} or 0. */
    static long send(int socket, MemorySegment data, long done, int[] fds, int from, int count, int flags) {
        MemorySegment memory = Kernel.memory();
        int control = count == 0 ? 0 : CMSG_DATA + count * Integer.BYTES;
        lay(memory, data.address() + done, data.byteSize() - done, control);
        if (count != 0) {
            memory.set(JAVA_LONG, CONTROL, control);
            memory.set(JAVA_LONG, CONTROL + 8, SOL_SOCKET | (long) SCM_RIGHTS << 32);
            MemorySegment.copy(fds, from, memory, JAVA_INT, CONTROL + CMSG_DATA, count);
        }
        long header = memory.address() + HEADER;
        return Kernel.call(memory, data, Nr.SENDMSG, socket, header, MSG_NOSIGNAL | flags, 0, 0, 0);
    }

    /**
     * Receives one message into the buffer; what else there is of it is then in the thread's block.
     *
     * @return how many bytes came, or negative errno
     */
    static long receive(int socket, MemorySegment buffer, int maxFds) {
        return receive(socket, buffer, maxFds, 0);
    }

    /** As above, with {@link #MSG_DONTWAIT} or 0. */
    static long receive(int socket, MemorySegment buffer, int maxFds, int flags) {
        MemorySegment memory = Kernel.memory();
        lay(memory, buffer.address(), buffer.byteSize(), maxFds == 0 ? 0 : CMSG_DATA + maxFds * Integer.BYTES);
        long header = memory.address() + HEADER;
        return Kernel.call(memory, buffer, Nr.RECVMSG, socket, header, MSG_CMSG_CLOEXEC | flags, 0, 0, 0);
    }

    /** The message that this thread has just received. */
    static Received received(long bytes) {
        MemorySegment memory = Kernel.memory();
        int flags = memory.get(JAVA_INT, HEADER_FLAGS);
        return new Received((int) bytes, fds(memory), (flags & MSG_TRUNC) != 0, (flags & MSG_CTRUNC) != 0);
    }

    private static void lay(MemorySegment memory, long data, long length, int control) {
        memory.asSlice(HEADER, HEADER_BYTES).fill((byte) 0);
        memory.set(JAVA_LONG, HEADER_IOV, memory.address() + IOV);
        memory.set(JAVA_LONG, HEADER_IOVLEN, 1);
        memory.set(JAVA_LONG, IOV, data);
        memory.set(JAVA_LONG, IOV + 8, length);
        if (control != 0) {
            memory.set(JAVA_LONG, HEADER_CONTROL, memory.address() + CONTROL);
            memory.set(JAVA_LONG, HEADER_CONTROLLEN, control);
        }
    }

    private static int[] fds(MemorySegment memory) {
        int[] fds = NO_FDS;
        long length = memory.get(JAVA_LONG, HEADER_CONTROLLEN);
        for (long at = 0; at + CMSG_DATA <= length; ) {
            long size = memory.get(JAVA_LONG, CONTROL + at);
            boolean rights = memory.get(JAVA_INT, CONTROL + at + 8) == SOL_SOCKET
                    && memory.get(JAVA_INT, CONTROL + at + CMSG_TYPE) == SCM_RIGHTS;
            if (rights) {
                int count = (int) (size - CMSG_DATA) / Integer.BYTES;
                int[] all = Arrays.copyOf(fds, fds.length + count);
                MemorySegment.copy(memory, JAVA_INT, CONTROL + at + CMSG_DATA, all, fds.length, count);
                fds = all;
            }
            at += Math.max(CMSG_DATA, size + 7 & ~7);
        }
        return fds;
    }
}
