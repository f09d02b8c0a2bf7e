// SPDX-License-Identifier: Apache-2.0
package org.luo.itests.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/** A program that speaks docs/wire.md itself: it needs neither the preload library nor a compiler. */
public final class DeviceClient implements AutoCloseable {
    private static final int CREATE_SESSION = 0xBA00;
    private static final int RETRIEVE_SESSION = 0xBA01;
    private static final int PRESERVE_FD = 0xBA40;
    private static final int RETRIEVE_FD = 0xBA41;
    private static final int FINISH = 0xBA42;
    private static final int NAME_BYTES = 64;
    private static final long PATIENCE_MILLIS = 20_000;

    private final UnixSocket device;

    private DeviceClient(UnixSocket device) {
        this.device = device;
    }

    /** Opens the device of the platform that has this run directory. */
    public static DeviceClient open(Path dir) throws LuoException {
        UnixSocket socket = UnixSocket.connect(UnixSocket.Type.SEQPACKET, dir.resolve("liveupdate"));
        socket.setReceiveTimeout(PATIENCE_MILLIS);
        byte[] errno = new byte[Integer.BYTES];
        assertThat(socket.receive(errno).bytes()).isEqualTo(errno.length);
        assertThat(numbers(errno).getInt()).as("errno of open").isZero();
        return new DeviceClient(socket);
    }

    /** A new session; closing it undoes what it preserves. */
    public UnixSocket createSession(String name) throws LuoException {
        return UnixSocket.adopt(call(device, CREATE_SESSION, argument(name)));
    }

    /** A session that came over; closing it finishes it. */
    public UnixSocket retrieveSession(String name) throws LuoException {
        return UnixSocket.adopt(call(device, RETRIEVE_SESSION, argument(name)));
    }

    /** Has a file kept; its fd stays the caller's. */
    public static void preserve(UnixSocket session, int fd, long token) throws LuoException {
        call(session, PRESERVE_FD, argument(token), fd);
    }

    /** The fd of a file that came over; the caller's. */
    public static int retrieve(UnixSocket session, long token) throws LuoException {
        return call(session, RETRIEVE_FD, argument(token));
    }

    /** Ends the session, whose files are all the caller's now. */
    public static void finish(UnixSocket session) throws LuoException {
        call(session, FINISH, numbers(new byte[8]).putInt(8).array());
    }

    /** The fd that came back, -1 if none did. */
    private static int call(UnixSocket on, int command, byte[] argument, int... files) throws LuoException {
        try (UnixSocket.Pair reply = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            int[] fds = new int[1 + files.length];
            fds[0] = reply.other().fd();
            System.arraycopy(files, 0, fds, 1, files.length);
            byte[] message = new byte[8 + argument.length];
            numbers(message).putInt(command).putInt(0).put(argument);
            on.send(message, fds);
            reply.one().setReceiveTimeout(PATIENCE_MILLIS);
            byte[] answer = new byte[128];
            Received received = reply.one().receive(answer);
            assertThat(received.complete() && !received.eof()).isTrue();
            int number = numbers(answer).getInt();
            if (number != 0) {
                throw LuoException.of(Errno.of(number), "ioctl 0x" + Integer.toHexString(command));
            }
            return received.fds().length == 0 ? -1 : received.fds()[0];
        }
    }

    private static byte[] argument(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return numbers(new byte[8 + NAME_BYTES])
                .putInt(8 + NAME_BYTES)
                .putInt(-1)
                .put(bytes)
                .array();
    }

    private static byte[] argument(long token) {
        return numbers(new byte[16]).putInt(16).putInt(-1).putLong(token).array();
    }

    private static ByteBuffer numbers(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        device.close();
    }
}
