// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Session;
import org.luo.Token;
import org.luo.daemon.internal.device.Command.Target;
import org.luo.linux.Fds;
import org.luo.linux.Packet;
import org.luo.linux.UnixSocket;

/** The other end of a session's fd: when its last copy is closed, the session is. */
final class SessionSocket extends Client {
    private final Reaper reaper;
    private final Session session;

    SessionSocket(UnixSocket socket, Endpoints endpoints, Reaper reaper, Session session) {
        super(socket, endpoints);
        this.reaper = reaper;
        this.session = session;
    }

    @Override
    Target target() {
        return session instanceof OutgoingSession ? Target.OUTGOING : Target.INCOMING;
    }

    @Override
    void execute(Command command, Exchange exchange) throws LuoException {
        switch (command) {
            case PRESERVE_FD -> preserve((OutgoingSession) session, exchange);
            case RETRIEVE_FD -> retrieve((IncomingSession) session, exchange);
            case FINISH -> {
                requireNothingReserved(exchange);
                ((IncomingSession) session).finish();
                exchange.answer(command);
            }
            case GET_NAME -> {
                requireNothingReserved(exchange);
                exchange.setName(session.name().bytes());
                exchange.answer(command);
            }
            default -> throw new IllegalStateException(command + " on " + this);
        }
    }

    private void preserve(OutgoingSession outgoing, Exchange exchange) throws LuoException {
        if (exchange.isFileLost()) {
            throw LuoException.of(Errno.EMFILE, "preserve in " + this + ": the fd did not arrive");
        }
        Token token = Token.of(exchange.token());
        reaper.attempt(
                exchange,
                () -> {
                    outgoing.preserve(exchange.file(), token);
                    return outgoing;
                },
                Errno.EBUSY);
        exchange.answer(Command.PRESERVE_FD);
    }

    private static void retrieve(IncomingSession incoming, Exchange exchange) throws LuoException {
        int fd = incoming.retrieve(Token.of(exchange.token()));
        try {
            exchange.answer(Command.RETRIEVE_FD, fd);
        } finally {
            Fds.close(fd);
        }
    }

    private void requireNothingReserved(Exchange exchange) throws LuoException {
        if (exchange.reserved() != 0) {
            throw LuoException.of(Errno.EINVAL, this + ": the reserved field is not 0");
        }
    }

    @Override
    void abandon() {
        reaper.close(session);
    }

    @Override
    void refuse(Exchange exchange) {
        while (exchange.receive(socket().fd()) == Packet.Outcome.MESSAGE) {
            try (exchange) {
                if (exchange.isRequest()) {
                    exchange.refuse(Errno.ESTALE);
                }
            }
        }
    }

    @Override
    public String toString() {
        return "session '" + session.name() + "'";
    }
}
