// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.util.Map;
import java.util.Optional;
import org.luo.CallbackInfo;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client: its requests are served one after another, on a thread of its own. */
final class Connection implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger("luo.admin");
    private static final long SEND_MILLIS = 10_000;
    private static final int CHUNK = 1 << 16;

    private final UnixSocket socket;
    private final Traffic traffic;
    private final CommandTable commands;
    private final LineReader reader;
    private Thread serving; // guarded by this; null unless a command is under way that nobody has answered

    /**
     * What a request is answered.
     *
     * @param line the answer
     * @param events what follows it, if the client wants events
     */
    private record Answer(byte[] line, Optional<EventQueue> events) implements AutoCloseable {
        @Override
        public void close() {
            events.ifPresent(EventQueue::close);
        }
    }

    Connection(UnixSocket socket, Traffic traffic, CommandTable commands, LineReader.Patience patience) {
        this.socket = socket;
        this.traffic = traffic;
        this.commands = commands;
        this.reader = new LineReader(socket, traffic, patience);
    }

    @Override
    public void run() {
        try (socket) {
            socket.setSendTimeout(SEND_MILLIS);
            while (serveNext()) {
                // as long as the client wants and may
            }
        } catch (LuoException e) {
            LOG.debug("connection ended: {}", e.getMessage());
        }
    }

    /** Serves one request; whether another may follow. */
    private boolean serveNext() throws LuoException {
        Optional<byte[]> line;
        try {
            line = reader.next();
        } catch (LuoException e) {
            if (e.errno() != Errno.EMSGSIZE) {
                throw e;
            }
            write(Protocol.error(e));
            return true;
        }
        return line.isPresent() && serve(line.get());
    }

    private boolean serve(byte[] line) throws LuoException {
        if (!traffic.enter()) {
            write(Protocol.error(LuoException.of(Errno.ERESTART, "not taken up, since another process serves now")));
            return false;
        }
        try (Answer answer = takeUp(line)) {
            return answer.events().isEmpty()
                    || reader.hasMore()
                    || new Following(socket, traffic, answer.events().get()).run();
        }
    }

    private Answer takeUp(byte[] line) throws LuoException {
        try {
            begin();
            Answer answer = answer(line);
            try {
                end();
                write(answer.line());
            } catch (LuoException e) {
                answer.close();
                throw e;
            }
            return answer;
        } finally {
            traffic.leave();
        }
    }

    private synchronized void begin() {
        serving = Thread.currentThread();
    }

    /** @throws LuoException ETIMEDOUT if the client has been answered so meanwhile */
    private synchronized void end() throws LuoException {
        if (serving == null) {
            throw LuoException.of(Errno.ETIMEDOUT, "a command has come to its end when it had been given up");
        }
        serving = null;
    }

    /** Whether a command is under way. */
    synchronized boolean isServing() {
        return serving != null;
    }

    /** If the command's thread is among those that hang, the client is told and this connection ends. */
    synchronized boolean giveUp(Map<Long, CallbackInfo> overdue) {
        CallbackInfo callback = serving == null ? null : overdue.get(serving.threadId());
        if (callback == null) {
            return false;
        }
        serving = null;
        try {
            LuoException refusal = LuoException.of(Errno.ETIMEDOUT, callback.toString());
            LOG.warn("an administration command is given up: {}", refusal.getMessage());
            write(Protocol.error(refusal));
        } catch (LuoException e) {
            LOG.debug("its client has gone: {}", e.getMessage());
        }
        return true;
    }

    private Answer answer(byte[] line) {
        Answer following = new Answer(null, Optional.empty());
        try {
            Protocol.Request request = Protocol.parse(line);
            following = new Answer(null, commands.follow(request.command(), request.arguments()));
            return new Answer(
                    Protocol.result(commands.run(request.command(), request.arguments())), following.events());
        } catch (LuoException e) {
            following.close();
            return new Answer(Protocol.error(e), Optional.empty());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            LOG.error("an administration command failed", e);
            following.close();
            LuoException failure = LuoException.of(Errno.EIO, "the command failed: " + e);
            return new Answer(Protocol.error(failure), Optional.empty());
        }
    }

    /** In pieces, since each is copied out of the heap. */
    private void write(byte[] line) throws LuoException {
        for (int done = 0; done < line.length; done += CHUNK) {
            socket.write(line, done, Math.min(CHUNK, line.length - done));
        }
    }
}
