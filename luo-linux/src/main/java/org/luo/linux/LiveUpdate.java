// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * The kernel's own live update orchestrator. Needs a kernel with CONFIG_LIVEUPDATE that was told to use it.
 *
 * <p>Sessions are fds. Closing the last one of an outgoing session lets go of all its files, of an incoming one finishes
 * it. Errnos are the kernel's; what they mean is said here.
 *
 * @see <a href="https://docs.kernel.org/userspace-api/liveupdate.html">the kernel's documentation</a>
 */
public final class LiveUpdate {
    /** The device, which one process can have open at a time. */
    public static final Path DEVICE = Path.of("/dev/liveupdate");

    /** Longest name of a session, in bytes. */
    public static final int MAX_NAME = 63;

    private static final int CREATE_SESSION = 0xBA00;
    private static final int RETRIEVE_SESSION = 0xBA01;
    private static final int PRESERVE_FD = 0xBA40;
    private static final int RETRIEVE_FD = 0xBA41;
    private static final int FINISH = 0xBA42;
    private static final int GET_NAME = 0xBA43;

    private static final int ARGUMENT = Kernel.SCRATCH;
    private static final int FD = ARGUMENT + 4;
    private static final int NAME = ARGUMENT + 8;
    private static final int TOKEN = ARGUMENT + 8;
    private static final int SESSION_BYTES = 72;
    private static final int FILE_BYTES = 16;
    private static final int FINISH_BYTES = 8;

    private LiveUpdate() {}

    /**
     * Opens a device.
     *
     * <p>Undo: {@link Fds#close}; sessions live on.
     *
     * @throws LuoException ENOENT if the kernel has no live update, or it is off · EBUSY if a process has it open · EIO
     *     if what the kernel before has left can't be read, until the next reboot · EACCES
     */
    public static int open(Path device) throws LuoException {
        return FileIo.open(device, FileIo.O_RDWR, 0);
    }

    /**
     * A new outgoing session.
     *
     * @param name 1 to {@value #MAX_NAME} bytes
     * @throws LuoException EEXIST if there is an outgoing session of that name · EINVAL · EMFILE · ENOMEM
     */
    public static int createSession(int device, byte[] name) throws LuoException {
        return session(CREATE_SESSION, "create kernel session", device, name);
    }

    /**
     * A session that the kernel before has left.
     *
     * @throws LuoException ENOENT if there is none of that name · EINVAL if a process has it
     */
    public static int retrieveSession(int device, byte[] name) throws LuoException {
        return session(RETRIEVE_SESSION, "retrieve kernel session", device, name);
    }

    private static int session(int command, String what, int device, byte[] name) throws LuoException {
        if (name.length == 0 || name.length > MAX_NAME) {
            throw LuoException.of(Errno.EINVAL, what + ": a name of " + name.length + " bytes");
        }
        MemorySegment memory = Kernel.memory();
        memory.asSlice(ARGUMENT, SESSION_BYTES).fill((byte) 0);
        memory.set(JAVA_INT, ARGUMENT, SESSION_BYTES);
        MemorySegment.copy(name, 0, memory, JAVA_BYTE, NAME, name.length);
        Failure.check(ioctl(memory, device, command), what + " at fd", device);
        return memory.get(JAVA_INT, FD);
    }

    /**
     * Makes sure that an fd is this device, by a question that changes nothing. What kind of file it is should be known: to
     * another device the same number may mean something else.
     *
     * @throws LuoException ENOTTY, or another errno, if it does not answer as the device does · EMFILE
     */
    public static void requireDevice(int fd) throws LuoException {
        MemorySegment memory = Kernel.memory();
        memory.asSlice(ARGUMENT, SESSION_BYTES).fill((byte) 0);
        memory.set(JAVA_INT, ARGUMENT, SESSION_BYTES);
        long result = ioctl(memory, fd, RETRIEVE_SESSION);
        if (result >= 0) {
            throw LuoException.of(Errno.ENOTTY, "fd " + fd + " has a session without a name: not " + DEVICE);
        }
        if (result != -Errno.ENOENT.number()) {
            throw Failure.of(result, "ask for a session without a name fd " + fd);
        }
    }

    /**
     * What a session is called, whichever direction it has.
     *
     * @return 1 to {@value #MAX_NAME} bytes, anything but NUL
     * @throws LuoException ENOTTY, or another errno, if it is no session
     */
    public static byte[] name(int session) throws LuoException {
        MemorySegment memory = Kernel.memory();
        memory.asSlice(ARGUMENT, SESSION_BYTES).fill((byte) 0);
        memory.set(JAVA_INT, ARGUMENT, SESSION_BYTES);
        Failure.check(ioctl(memory, session, GET_NAME), "name of the kernel session at fd", session);
        byte[] name = new byte[MAX_NAME + 1];
        MemorySegment.copy(memory, JAVA_BYTE, NAME, name, 0, name.length);
        int length = 0;
        while (length < MAX_NAME && name[length] != 0) {
            length++;
        }
        return Arrays.copyOf(name, length);
    }

    /**
     * Whether a session is outgoing, and has nothing under a token yet; changes nothing.
     *
     * @throws LuoException EEXIST if it is outgoing and the token is taken · EINVAL if it is incoming
     */
    public static void requireOutgoing(int session, long token) throws LuoException {
        // Which token comes before which fd, and an fd that is none is refused.
        MemorySegment memory = file(-1, token);
        long result = ioctl(memory, session, PRESERVE_FD);
        if (result != -Errno.EBADF.number()) {
            throw Failure.of(Math.min(result, -1), "preserve in the kernel session at fd " + session);
        }
    }

    /**
     * Gives a file to an outgoing session.
     *
     * @param token free in the session
     * @throws LuoException EEXIST if the token is taken · ENOENT if the kernel does not keep this kind of file · EBUSY if
     *     a session has this file · EBADF · ENOMEM · EOPNOTSUPP, EFBIG if it does not keep this very file
     */
    public static void preserve(int session, int fd, long token) throws LuoException {
        MemorySegment memory = file(fd, token);
        long result = Kernel.repeatable(memory, Nr.IOCTL, session, PRESERVE_FD, memory.address() + ARGUMENT);
        Failure.check(result, "preserve in the kernel fd", fd);
    }

    /**
     * A file of an incoming session; more calls give more fds of the same open file.
     *
     * @throws LuoException ENOENT if the session has no such token · EMFILE · ENOMEM · whatever the first call failed with
     */
    public static int retrieve(int session, long token) throws LuoException {
        MemorySegment memory = file(-1, token);
        long result = ioctl(memory, session, RETRIEVE_FD);
        if (result < 0) {
            throw Failure.of(result, "retrieve from the kernel token 0x" + Long.toHexString(token));
        }
        return memory.get(JAVA_INT, FD);
    }

    private static MemorySegment file(int fd, long token) {
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_INT, ARGUMENT, FILE_BYTES);
        memory.set(JAVA_INT, FD, fd);
        memory.set(JAVA_LONG, TOKEN, token);
        return memory;
    }

    /**
     * Ends an incoming session: the files that were retrieved are ours alone, the others are freed.
     *
     * @throws LuoException EBUSY if a file can't be let go yet
     */
    public static void finish(int session) throws LuoException {
        MemorySegment memory = Kernel.memory();
        memory.set(JAVA_INT, ARGUMENT, FINISH_BYTES);
        memory.set(JAVA_INT, FD, 0);
        Failure.check(ioctl(memory, session, FINISH), "finish kernel session at fd", session);
    }

    private static long ioctl(MemorySegment memory, int fd, int command) {
        return Kernel.call(memory, Nr.IOCTL, fd, command, memory.address() + ARGUMENT, 0);
    }
}
