// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a client says, as bytes that can be mutated: for each message u8 target, u8 fds, u16 length, and the message
 * itself. Of the fds two bits each say what goes along, from the lowest on: nothing, {@link #REPLY}, {@link #FILE} or
 * {@link #OWN}.
 */
final class Requests {
    /** The socket for the reply. */
    static final int REPLY = 1;
    /** A memfd. */
    static final int FILE = 2;
    /** The socket on which the message goes. */
    static final int OWN = 3;

    static final int PREFIX = 4;
    private static final int HEADER = 8;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** On which socket. */
    enum Target {
        DEVICE,
        OUTGOING,
        INCOMING
    }

    Requests ask(Target target, Command command, int flags, byte[] argument) {
        return say(target, REPLY, command, flags, argument);
    }

    Requests askWithFile(Target target, Command command, byte[] argument) {
        return say(target, REPLY | FILE << 2, command, 0, argument);
    }

    Requests say(Target target, int fds, Command command, byte[] argument) {
        return say(target, fds, command, 0, argument);
    }

    private Requests say(Target target, int fds, Command command, int flags, byte[] argument) {
        byte[] message = message(command, flags, argument);
        ByteBuffer prefix = little(PREFIX).put((byte) target.ordinal()).put((byte) fds);
        bytes.writeBytes(prefix.putShort((short) message.length).array());
        bytes.writeBytes(message);
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    static byte[] message(Command command, int flags, byte[] argument) {
        ByteBuffer message = little(HEADER + argument.length).putInt(command.code());
        return message.putInt(flags).put(argument).array();
    }

    static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] named(byte[] name) {
        return little(72).putInt(72).putInt(-1).put(name).array();
    }

    static byte[] file(long token) {
        return little(16).putInt(16).putInt(-1).putLong(token).array();
    }

    static byte[] sized(int size, int bytes) {
        return little(bytes).putInt(size).array();
    }
}
