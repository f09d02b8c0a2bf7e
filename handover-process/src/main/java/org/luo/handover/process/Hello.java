// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.process;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.luo.Compatible;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * How a successor introduces itself.
 *
 * @param protocol which protocol it speaks
 * @param pid its process
 * @param fdLimit how many fds it may have
 * @param java the version of its Java
 * @param readable the formats it reads
 */
record Hello(int protocol, long pid, long fdLimit, String java, Set<Compatible> readable) {
    /** Most formats, so that a message holds them. */
    private static final int MAX_READABLE = 1024;

    /** @throws LuoException E2BIG if there are more formats than can be said */
    void write(ByteBuffer out) throws LuoException {
        if (readable.size() > MAX_READABLE) {
            throw LuoException.of(Errno.E2BIG, "successor: " + readable.size() + " formats can be read here");
        }
        out.putInt(protocol).putInt((int) pid).putLong(fdLimit);
        write(out, java.length() > 255 ? java.substring(0, 255) : java);
        out.putInt(readable.size());
        readable.forEach(format -> write(out, format.text()));
    }

    /** @throws LuoException EBADMSG if it is none, or EPROTO if it is of another protocol */
    static Hello read(Wire wire) throws LuoException {
        ByteBuffer in = wire.body();
        try {
            int protocol = in.getInt();
            if (protocol != Kind.PROTOCOL) {
                throw LuoException.of(
                        Errno.EPROTO,
                        wire.peer() + " speaks handover protocol " + Integer.toUnsignedString(protocol) + ", not "
                                + Kind.PROTOCOL);
            }
            Hello hello = new Hello(protocol, in.getInt(), in.getLong(), Wire.printable(text(in)), readable(in));
            if (!in.hasRemaining()) {
                return hello;
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // as if something were left over
        }
        throw wire.malformed("HELLO that makes no sense");
    }

    private static Set<Compatible> readable(ByteBuffer in) {
        int count = in.getInt();
        Set<Compatible> readable = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            readable.add(
                    Compatible.of(StandardCharsets.US_ASCII.decode(text(in)).toString()));
        }
        return readable;
    }

    private static ByteBuffer text(ByteBuffer in) {
        int length = Byte.toUnsignedInt(in.get());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer text = in.slice(in.position(), length);
        in.position(in.position() + length);
        return text;
    }

    private static void write(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        out.put((byte) bytes.length).put(bytes);
    }
}
