// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import org.luo.Errno;
import org.luo.LuoException;

/** Turns what the kernel returned into an exception. */
final class Failure {
    private Failure() {}

    /**
     * Hands a result on, or throws.
     *
     * @param result negative errno on failure
     * @param what such as {@code fstat fd}; the fd is appended
     */
    static long check(long result, String what, int fd) throws LuoException {
        if (result < 0) {
            throw of(result, what + ' ' + fd);
        }
        return result;
    }

    /** The exception for a result, which is a negative errno. */
    static LuoException of(long result, String what) {
        int number = (int) -result;
        Errno errno = Errno.of(number);
        return LuoException.of(errno, what + ": " + (errno.number() == number ? reason(errno) : "errno " + number));
    }

    private static String reason(Errno errno) {
        return switch (errno) {
            case EPERM -> "not permitted, for example by a seal";
            case ENOENT -> "does not exist";
            case ESRCH -> "no such process";
            case EBADF -> "no such open fd, or not open for this";
            case EAGAIN -> "would block";
            case ENOMEM -> "no memory left";
            case EACCES -> "access denied";
            case EBUSY -> "in use";
            case EEXIST -> "exists already";
            case ENODEV -> "this kind of file can't do that";
            case EINVAL -> "not allowed, or not for this kind of file";
            case ENFILE -> "the system has no open file left";
            case EMFILE -> "this process has no fd left";
            case EFBIG -> "too large";
            case ENOSPC -> "no space left";
            case ESPIPE -> "can't seek";
            case EPIPE -> "the other side has gone";
            case ENOSYS, EOPNOTSUPP -> "not offered here";
            case ENOTSOCK -> "not a socket";
            case EMSGSIZE -> "larger than the socket's buffer";
            case EPROTOTYPE -> "a socket of another type";
            case EADDRINUSE -> "taken";
            case ECONNREFUSED -> "nobody listens";
            case ECONNRESET -> "the other side has gone and left data unread";
            case ENOTCONN -> "not connected";
            case ETOOMANYREFS -> "too many fds of this user are on their way";
            default -> "failed";
        };
    }
}
