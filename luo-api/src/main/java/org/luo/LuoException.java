// SPDX-License-Identifier: Apache-2.0
package org.luo;

/**
 * A live-update operation was refused or failed; {@link #errno()} is what the kernel would have answered.
 *
 * <p>The message says what was tried, on what, and why not, and ends with the errno's name in brackets. Whatever the
 * operation had begun has been undone when this is thrown; failures of that undoing are suppressed exceptions, latest
 * first. Subclasses exist only where callers are known to tell them apart.
 */
public sealed class LuoException extends Exception
        permits LuoException.Busy,
                LuoException.NotFound,
                LuoException.Exists,
                LuoException.TryAgain,
                LuoException.NotSupported,
                LuoException.MalformedState {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    private LuoException(Errno errno, String message, Throwable cause) {
        super(message + " [" + errno + "]", cause);
        this.errno = errno;
    }

    /** The exception for this errno, of the subclass that belongs to it. */
    public static LuoException of(Errno errno, String message) {
        return of(errno, message, null);
    }

    /** As {@link #of(Errno, String)}, with what caused it. */
    public static LuoException of(Errno errno, String message, Throwable cause) {
        return switch (errno) {
            case EBUSY -> new Busy(message, cause);
            case ENOENT -> new NotFound(message, cause);
            case EEXIST -> new Exists(message, cause);
            case EAGAIN -> new TryAgain(message, cause);
            case EOPNOTSUPP -> new NotSupported(message, cause);
            case EBADMSG -> new MalformedState(message, cause);
            default -> new LuoException(errno, message, cause);
        };
    }

    /** What the kernel's interface would return, negated. */
    public Errno errno() {
        return errno;
    }

    /** EBUSY: it is in use, preserved already, or its handler refuses to let go. */
    public static final class Busy extends LuoException {
        private static final long serialVersionUID = 1L;

        private Busy(String message, Throwable cause) {
            super(Errno.EBUSY, message, cause);
        }
    }

    /** ENOENT: no such session or token, or no handler takes this file. */
    public static final class NotFound extends LuoException {
        private static final long serialVersionUID = 1L;

        private NotFound(String message, Throwable cause) {
            super(Errno.ENOENT, message, cause);
        }
    }

    /** EEXIST: the name or token is used already. */
    public static final class Exists extends LuoException {
        private static final long serialVersionUID = 1L;

        private Exists(String message, Throwable cause) {
            super(Errno.EEXIST, message, cause);
        }
    }

    /** EAGAIN: not now, because a plug-in is leaving or has not come back yet. */
    public static final class TryAgain extends LuoException {
        private static final long serialVersionUID = 1L;

        private TryAgain(String message, Throwable cause) {
            super(Errno.EAGAIN, message, cause);
        }
    }

    /** EOPNOTSUPP: this platform or this state does not offer the operation. */
    public static final class NotSupported extends LuoException {
        private static final long serialVersionUID = 1L;

        private NotSupported(String message, Throwable cause) {
            super(Errno.EOPNOTSUPP, message, cause);
        }
    }

    /** EBADMSG: what a predecessor, file or peer sent is damaged or of another version; nothing of it was used. */
    public static final class MalformedState extends LuoException {
        private static final long serialVersionUID = 1L;

        private MalformedState(String message, Throwable cause) {
            super(Errno.EBADMSG, message, cause);
        }
    }
}
