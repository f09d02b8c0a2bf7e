// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Fds;
import org.luo.linux.Received;
import org.luo.linux.UnixSocket;

/**
 * A connection to an agent that has the device: lines of JSON each way, fds beside them.
 *
 * <p>Context: one thread.
 */
final class AgentConversation implements AutoCloseable {
    private static final int MAX_LINE = 4096;
    private static final int NONE = -1;

    private final UnixSocket socket;
    private final String agent;
    private final StringBuilder heard = new StringBuilder();
    private int fd = NONE;

    /** @param agent what it is called in messages */
    AgentConversation(UnixSocket socket, String agent) {
        this.socket = socket;
        this.agent = agent;
    }

    /** The process that listens. */
    long pid() throws LuoException {
        return socket.peer().pid();
    }

    /** Says one line. */
    void say(String line) throws LuoException {
        try {
            socket.send((line + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (LuoException e) {
            throw LuoException.of(e.errno(), agent + " does not listen any more: " + e.getMessage(), e);
        }
    }

    /**
     * Waits for a line that is an event, with the fd beside it. Others are passed over; which of the lines that come together
     * an fd belongs to can't be told, so there must be no more than one.
     *
     * @param events those that count
     * @return the fd, which is the caller's
     * @throws LuoException what the agent says is wrong · EBADMSG if it is no agent · ENODATA if the event has no fd ·
     *     ETIMEDOUT · ECONNRESET if it ends
     */
    int await(Duration patience, String... events) throws LuoException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Map<String, Object> line = JsonLine.parse(line(deadline));
            if (line.get("error") instanceof Map<?, ?> error) {
                throw refused(error);
            }
            if (line.get("error") instanceof String message) {
                throw LuoException.of(Errno.EREMOTEIO, agent + " refuses: " + Machine.printable(message));
            }
            for (String event : events) {
                if (event.equals(line.get("event"))) {
                    return takeFd(event);
                }
            }
        }
    }

    private int takeFd(String event) throws LuoException {
        int taken = fd;
        fd = NONE;
        if (taken == NONE) {
            throw LuoException.of(Errno.ENODATA, agent + " says " + event + " without a session");
        }
        return taken;
    }

    private LuoException refused(Map<?, ?> error) {
        Errno errno = Errno.EREMOTEIO;
        for (Errno known : Errno.values()) {
            if (known.name().equals(error.get("errno"))) {
                errno = known;
            }
        }
        return LuoException.of(errno, agent + " refuses: " + Machine.printable(String.valueOf(error.get("message"))));
    }

    /** The next line, which may be anything. */
    private String line(long deadline) throws LuoException {
        int end;
        while ((end = heard.indexOf("\n")) < 0) {
            if (heard.length() > MAX_LINE) {
                throw LuoException.of(Errno.EMSGSIZE, agent + " says a line of more than " + MAX_LINE + " bytes");
            }
            hear(deadline);
        }
        String line = heard.substring(0, end);
        heard.delete(0, end + 1);
        return line;
    }

    private void hear(long deadline) throws LuoException {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            throw LuoException.of(Errno.ETIMEDOUT, agent + " has not answered in time");
        }
        socket.setReceiveTimeout(millis);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_LINE);
            Received received = receive(buffer);
            byte[] bytes = buffer.asSlice(0, received.bytes()).toArray(ValueLayout.JAVA_BYTE);
            heard.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    private Received receive(MemorySegment buffer) throws LuoException {
        Received received;
        try {
            received = socket.receive(buffer);
        } catch (LuoException e) {
            throw LuoException.of(e.errno(), agent + " has not answered: " + e.getMessage(), e);
        }
        if (received.eof()) {
            throw LuoException.of(Errno.ECONNRESET, agent + " has ended the connection");
        }
        boolean tooMany = received.fds().length > (fd == NONE ? 1 : 0);
        if (!received.complete() || tooMany) {
            received.closeFds();
            throw LuoException.of(Errno.EBADMSG, agent + " sends more than one fd with a line, or one got lost");
        }
        fd = received.fds().length == 0 ? fd : received.fds()[0];
        return received;
    }

    private void closeFd() {
        if (fd != NONE) {
            Fds.close(fd);
            fd = NONE;
        }
    }

    @Override
    public void close() {
        closeFd();
        socket.close();
    }
}
