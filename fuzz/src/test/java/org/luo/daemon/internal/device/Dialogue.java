// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/** A client that sends a script, one message after the other, and checks what is answered. */
final class Dialogue {
    private static final int MOST_MESSAGES = 20;
    private static final int MOST_BYTES = 4096;
    private static final int MOST_FDS = 4;
    private static final long PATIENCE_MILLIS = 8_000;

    private static final Set<Errno> REFUSALS =
            EnumSet.of(Errno.EINVAL, Errno.EFAULT, Errno.ENOTTY, Errno.E2BIG, Errno.EBADF, Errno.ENOENT, Errno.EEXIST);
    private static final Set<Command> WITH_FD =
            EnumSet.of(Command.CREATE_SESSION, Command.RETRIEVE_SESSION, Command.RETRIEVE_FD);

    private final int file;
    private final UnixSocket[] targets;

    /** @param targets in the order of {@link Requests.Target} */
    Dialogue(int file, UnixSocket... targets) {
        this.file = file;
        this.targets = targets;
    }

    void hold(byte[] script) throws LuoException {
        ByteBuffer in = ByteBuffer.wrap(script).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < MOST_MESSAGES && in.remaining() >= Requests.PREFIX; i++) {
            UnixSocket target = targets[(in.get() & 0xff) % targets.length];
            int fds = in.get() & 0xff;
            byte[] message = new byte[Math.min(in.getShort() & 0xffff, Math.min(in.remaining(), MOST_BYTES))];
            in.get(message);
            if (message.length > 0) {
                say(target, message, fds).closeFds();
            }
        }
    }

    private Received say(UnixSocket target, byte[] message, int kinds) throws LuoException {
        try (UnixSocket.Pair reply = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            int[] choice = {-1, reply.other().fd(), file, target.fd()};
            int[] fds = new int[MOST_FDS];
            int count = 0;
            for (int left = kinds; left != 0; left >>>= 2) {
                if ((left & 3) != 0) {
                    fds[count++] = choice[left & 3];
                }
            }
            target.send(message, Arrays.copyOf(fds, count));
            reply.other().close();
            return answer(reply.one());
        }
    }

    /** What was answered; nothing if the message was dropped. */
    private static Received answer(UnixSocket reply) throws LuoException {
        reply.setReceiveTimeout(PATIENCE_MILLIS);
        ByteBuffer bytes = Requests.little(200);
        Received received = reply.receive(bytes.array());
        if (received.eof()) {
            return received;
        }
        assertThat(received.complete()).isTrue();
        assertThat(received.bytes()).isGreaterThanOrEqualTo(Integer.BYTES);
        int errno = bytes.getInt(0);
        if (errno != 0) {
            assertThat(REFUSALS).contains(Errno.of(errno));
            assertThat(received.bytes()).isEqualTo(Integer.BYTES);
            assertThat(received.fds()).isEmpty();
        } else {
            assertThat(received.bytes() - Integer.BYTES).isIn(8, 16, 72);
        }
        return received;
    }

    /** A request that has to succeed. */
    static Received call(UnixSocket target, Command command, byte[] argument) throws LuoException {
        try (UnixSocket.Pair reply = UnixSocket.pair(UnixSocket.Type.SEQPACKET)) {
            target.send(Requests.message(command, 0, argument), reply.other().fd());
            reply.other().close();
            Received received = answer(reply.one());
            assertThat(received.bytes()).isEqualTo(Integer.BYTES + command.size());
            assertThat(received.fds()).hasSize(WITH_FD.contains(command) ? 1 : 0);
            return received;
        }
    }

    /** Whatever was sent has been served. Asked twice, as answers that were sent in a circle come after the first. */
    void assertServed() throws LuoException {
        for (int round = 0; round < 2; round++) {
            call(targets[0], Command.RETRIEVE_SESSION, Requests.named(new byte[] {CountedSessions.ARRIVED, '0'}))
                    .closeFds();
            call(targets[1], Command.GET_NAME, Requests.sized(72, 72));
            call(targets[2], Command.GET_NAME, Requests.sized(72, 72));
        }
    }
}
