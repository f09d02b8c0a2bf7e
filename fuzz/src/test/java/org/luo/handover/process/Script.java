// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.UnixSocket;

/**
 * What one side of a handover says, as bytes that can be mutated: for each message u8 fds, u8 0, u16 length, and the
 * message itself.
 */
final class Script {
    static final int MAGIC = 0x4f55_4c48;

    private static final int PREFIX = 4;
    private static final int MOST_MESSAGES = 40;
    private static final int MOST_BYTES = 1 << 15;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Appends a message, of whatever is in the body up to its position. */
    Script say(Kind kind, long epoch, int fds, ByteBuffer body) {
        ByteBuffer out = buffer(PREFIX + 16 + body.position());
        out.put((byte) fds).put((byte) 0).putShort((short) (16 + body.position()));
        out.putInt(MAGIC).putShort((short) kind.ordinal()).putShort((short) 0).putLong(epoch);
        out.put(body.flip());
        bytes.writeBytes(out.array());
        return this;
    }

    static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** Sends a mutated script, with the first of these fds as often as each message says, then its end. */
    static void send(byte[] script, UnixSocket socket, int... fds) throws LuoException {
        ByteBuffer in = ByteBuffer.wrap(script).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < MOST_MESSAGES && in.remaining() >= PREFIX && in.position() < MOST_BYTES; i++) {
            int count = Math.min(in.get() & 0xff, fds.length);
            in.get();
            byte[] message = new byte[Math.min(in.getShort() & 0xffff, in.remaining())];
            in.get(message);
            calm(message);
            if (message.length > 0) {
                trySend(socket, message, Arrays.copyOf(fds, count));
            }
        }
        socket.shutdownOutput();
    }

    /** A rehearsal takes as long as it is told to: not here. */
    private static void calm(byte[] message) {
        if (message.length == 20 && message[4] == Kind.REHEARSE.ordinal()) {
            Arrays.fill(message, 16, 20, (byte) 0);
        }
    }

    private static void trySend(UnixSocket socket, byte[] message, int[] fds) throws LuoException {
        try {
            socket.send(message, fds);
        } catch (LuoException e) {
            if (e.errno() != Errno.EMSGSIZE) {
                throw e;
            }
        }
    }
}
