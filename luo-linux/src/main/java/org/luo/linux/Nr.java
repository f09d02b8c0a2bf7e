// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.luo.linux.Platform.pick;

/**
 * System call numbers.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/syscalls.2.html">syscalls(2)</a>
 */
final class Nr {
    static final int READ = pick(0, 63);
    static final int WRITE = pick(1, 64);
    static final int CLOSE = pick(3, 57);
    static final int FSTAT = pick(5, 80);
    static final int IOCTL = pick(16, 29);
    static final int LSEEK = pick(8, 62);
    static final int MMAP = pick(9, 222);
    static final int MUNMAP = pick(11, 215);
    static final int PREAD64 = pick(17, 67);
    static final int PWRITE64 = pick(18, 68);
    static final int MADVISE = pick(28, 233);
    static final int SOCKET = pick(41, 198);
    static final int CONNECT = pick(42, 203);
    static final int SENDMSG = pick(46, 211);
    static final int RECVMSG = pick(47, 212);
    static final int SHUTDOWN = pick(48, 210);
    static final int BIND = pick(49, 200);
    static final int LISTEN = pick(50, 201);
    static final int SOCKETPAIR = pick(53, 199);
    static final int SETSOCKOPT = pick(54, 208);
    static final int GETSOCKOPT = pick(55, 209);
    static final int FCNTL = pick(72, 25);
    static final int FTRUNCATE = pick(77, 46);
    static final int FCHMOD = pick(91, 52);
    static final int FSTATFS = pick(138, 44);
    static final int SYNC = pick(162, 81);
    static final int REBOOT = pick(169, 142);
    static final int EPOLL_CTL = pick(233, 21);
    static final int OPENAT = pick(257, 56);
    static final int UNLINKAT = pick(263, 35);
    static final int PPOLL = pick(271, 73);
    static final int EPOLL_PWAIT = pick(281, 22);
    static final int FALLOCATE = pick(285, 47);
    static final int ACCEPT4 = pick(288, 242);
    static final int EVENTFD2 = pick(290, 19);
    static final int EPOLL_CREATE1 = pick(291, 20);
    static final int PRLIMIT64 = pick(302, 261);
    static final int MEMFD_CREATE = pick(319, 279);
    static final int KEXEC_FILE_LOAD = pick(320, 294);
    static final int PIDFD_SEND_SIGNAL = 424;
    static final int PIDFD_OPEN = 434;
    static final int PIDFD_GETFD = 438;

    private Nr() {}
}
