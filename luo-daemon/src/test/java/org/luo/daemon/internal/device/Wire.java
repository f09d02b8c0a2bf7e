// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Poll;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/** A client's side of the wire, which can also be told to misbehave. */
final class Wire {
    static final int CREATE_SESSION = 0xBA00;
    static final int RETRIEVE_SESSION = 0xBA01;
    static final int PRESERVE_FD = 0xBA40;
    static final int RETRIEVE_FD = 0xBA41;
    static final int FINISH = 0xBA42;
    static final int GET_NAME = 0xBA43;

    static final int UNREADABLE = 1;
    static final int TAIL_USED = 2;
    static final int TAIL_UNREADABLE = 4;

    private static final long PATIENCE_MILLIS = 20_000;

    private Wire() {}

    /**
     * What came back.
     *
     * @param errno 0 or an errno; -1 if the reply socket was closed without an answer
     * @param argument what is to be copied to the argument
     * @param fds what came along
     */
    record Reply(int errno, byte[] argument, int[] fds) {
        /** Its success, with nothing lost. */
        Reply ok() {
            assertThat(errno).as("errno").isZero();
            return this;
        }

        /** The socket that came along. */
        UnixSocket socket() throws LuoException {
            assertThat(ok().fds).hasSize(1);
            return UnixSocket.adopt(fds[0]);
        }

        int fd() {
            assertThat(ok().fds).hasSize(1);
            return fds[0];
        }

        Reply refused(Errno expected) {
            assertThat(errno).as("errno").isEqualTo(expected.number());
            assertThat(argument).isEmpty();
            assertThat(fds).isEmpty();
            return this;
        }
    }

    /** A request that is under way. */
    record Call(UnixSocket reply) {
        Reply await() throws LuoException {
            try (reply) {
                reply.setReceiveTimeout(PATIENCE_MILLIS);
                byte[] bytes = new byte[200];
                Received received = reply.receive(bytes);
                assertThat(received.complete()).isTrue();
                if (received.eof()) {
                    return new Reply(-1, new byte[0], new int[0]);
                }
                int errno = little(bytes).getInt();
                return new Reply(errno, Arrays.copyOfRange(bytes, 4, received.bytes()), received.fds());
            }
        }
    }

    static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Connects, and asserts that the device is open. */
    static UnixSocket open(Path dir) throws LuoException {
        UnixSocket socket = connect(dir);
        assertThat(greeting(socket)).isZero();
        return socket;
    }

    static UnixSocket connect(Path dir) throws LuoException {
        return UnixSocket.connect(UnixSocket.Type.SEQPACKET, dir.resolve(DeviceDoor.SOCKET));
    }

    static int greeting(UnixSocket socket) throws LuoException {
        byte[] errno = new byte[4];
        socket.setReceiveTimeout(PATIENCE_MILLIS);
        assertThat(socket.receive(errno).bytes()).isEqualTo(4);
        return little(errno).getInt();
    }

    /** What opening the device answers; it is closed again. */
    static int tryOpen(Path dir) throws LuoException {
        try (UnixSocket socket = connect(dir)) {
            return greeting(socket);
        }
    }

    /** Sends a request and does not wait for its answer. */
    static Call begin(UnixSocket socket, int cmd, int flags, byte[] argument, int... files) throws LuoException {
        UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        int[] fds = new int[files.length + 1];
        fds[0] = pair.other().fd();
        System.arraycopy(files, 0, fds, 1, files.length);
        try {
            socket.send(message(cmd, flags, argument), fds);
        } catch (LuoException e) {
            pair.one().close();
            throw e;
        } finally {
            pair.other().close();
        }
        return new Call(pair.one());
    }

    /** The server has closed its end: there is nobody to send to. */
    static void assertGone(UnixSocket socket) throws LuoException {
        assertThat(Poll.await(socket.fd(), (short) 0, PATIENCE_MILLIS)).isEqualTo(Poll.POLLHUP);
    }

    /** The server is there, and whoever reads gets 0 bytes instead of waiting. */
    static void assertNothingToRead(UnixSocket socket) throws LuoException {
        short inAndOut = Poll.POLLIN | Poll.POLLOUT;
        assertThat(Poll.await(socket.fd(), inAndOut, 0)).isEqualTo(inAndOut);
        socket.setReceiveTimeout(PATIENCE_MILLIS);
        assertThat(socket.receive(new byte[1]).eof()).isTrue();
    }

    static byte[] message(int cmd, int flags, byte[] argument) {
        ByteBuffer message = little(new byte[8 + argument.length]);
        message.putInt(cmd).putInt(flags).put(argument);
        return message.array();
    }

    static Reply call(UnixSocket socket, int cmd, byte[] argument, int... files) throws LuoException {
        return begin(socket, cmd, 0, argument, files).await();
    }

    /** {@code {u32 size; u32; u8 name[64]}}. */
    static byte[] named(byte[] name) {
        ByteBuffer argument = little(new byte[72]).putInt(72).putInt(0x55555555);
        argument.put(name, 0, Math.min(name.length, 64));
        return argument.array();
    }

    static byte[] named(String name) {
        return named(name.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code {u32 size; s32 fd; u64 token}}. */
    static byte[] file(long token) {
        return little(new byte[16]).putInt(16).putInt(-1).putLong(token).array();
    }

    /** {@code {u32 size; u32 reserved}}. */
    static byte[] plain(int size) {
        return little(new byte[size]).putInt(size).array();
    }

    static UnixSocket create(UnixSocket device, String name) throws LuoException {
        return call(device, CREATE_SESSION, named(name)).socket();
    }

    static UnixSocket retrieve(UnixSocket device, String name) throws LuoException {
        return call(device, RETRIEVE_SESSION, named(name)).socket();
    }

    static Reply preserve(UnixSocket session, int fd, long token) throws LuoException {
        return call(session, PRESERVE_FD, file(token), fd);
    }

    static Reply retrieve(UnixSocket session, long token) throws LuoException {
        return call(session, RETRIEVE_FD, file(token));
    }

    static String name(UnixSocket session) throws LuoException {
        byte[] argument = call(session, GET_NAME, plain(72)).ok().argument();
        assertThat(argument).hasSize(72);
        int length = 0;
        while (argument[8 + length] != 0) {
            length++;
        }
        return new String(argument, 8, length, StandardCharsets.UTF_8);
    }
}
