// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;

/** An incoming session in the agent's custody, which ends with {@code finish}. */
final class ClaimedSession implements IncomingSession {
    private final IncomingSession session;
    private final Runnable finished;

    /** @param finished told each time that it has been finished */
    ClaimedSession(IncomingSession session, Runnable finished) {
        this.session = session;
        this.finished = finished;
    }

    @Override
    public SessionName name() {
        return session.name();
    }

    @Override
    public int retrieve(Token token) throws LuoException {
        return session.retrieve(token);
    }

    @Override
    public void finish() throws LuoException {
        session.finish();
        finished.run();
    }

    @Override
    public void close() throws LuoException {
        session.close();
    }
}
