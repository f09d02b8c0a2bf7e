// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.device;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.OutgoingSession;
import org.luo.Session;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.linux.Fds;

/** Sessions without files; any whose name begins with {@link #ARRIVED} has come, and can be retrieved. */
final class CountedSessions implements Sessions {
    static final byte ARRIVED = 'i';

    private final int file;
    private final Queue<Session> open = new ConcurrentLinkedQueue<>();
    private final Set<SessionName> names = ConcurrentHashMap.newKeySet();

    /** @param file what is retrieved */
    CountedSessions(int file) {
        this.file = file;
    }

    List<Session> open() {
        return List.copyOf(open);
    }

    @Override
    public OutgoingSession create(SessionName name) throws LuoException {
        if (!names.add(name)) {
            throw LuoException.of(Errno.EEXIST, "create session '" + name + "'");
        }
        Outgoing session = new Outgoing(name);
        open.add(session);
        return session;
    }

    @Override
    public IncomingSession retrieve(SessionName name) throws LuoException {
        if (name.bytes()[0] != ARRIVED) {
            throw LuoException.of(Errno.ENOENT, "retrieve session '" + name + "'");
        }
        Incoming session = new Incoming(name);
        open.add(session);
        return session;
    }

    private final class Outgoing implements OutgoingSession {
        private final SessionName name;

        Outgoing(SessionName name) {
            this.name = name;
        }

        @Override
        public SessionName name() {
            return name;
        }

        @Override
        public void preserve(int fd, Token token) throws LuoException {
            if (!Fds.isOpen(fd)) {
                throw LuoException.of(fd < 0 ? Errno.EBADF : Errno.EIO, "preserve fd " + fd);
            }
        }

        @Override
        public void unpreserve(Token token) {}

        @Override
        public void close() {
            open.remove(this);
            names.remove(name);
        }
    }

    private final class Incoming implements IncomingSession {
        private final SessionName name;

        Incoming(SessionName name) {
            this.name = name;
        }

        @Override
        public SessionName name() {
            return name;
        }

        @Override
        public int retrieve(Token token) throws LuoException {
            return Fds.duplicate(file);
        }

        @Override
        public void finish() {}

        @Override
        public void close() {
            open.remove(this);
        }
    }
}
