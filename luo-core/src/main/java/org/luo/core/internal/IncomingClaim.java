// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import org.luo.Errno;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;

/** One caller's hold on an incoming session: once closed it is of no use, even if another caller retrieves it again. */
final class IncomingClaim implements IncomingSession {
    private final IncomingSessionImpl session;
    private final AtomicBoolean closed = new AtomicBoolean();

    IncomingClaim(IncomingSessionImpl session) {
        this.session = session;
    }

    @Override
    public SessionName name() {
        return session.name();
    }

    @Override
    public int retrieve(Token token) throws LuoException {
        requireOpen();
        return session.retrieve(token);
    }

    @Override
    public void finish() throws LuoException {
        requireOpen();
        session.finish();
    }

    @Override
    public void close() throws LuoException {
        if (closed.compareAndSet(false, true)) {
            session.close();
        }
    }

    private void requireOpen() throws LuoException {
        if (closed.get()) {
            throw LuoException.of(Errno.EBADF, session + " is closed");
        }
    }
}
