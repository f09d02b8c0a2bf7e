// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;

/**
 * The sessions of both directions, each in order of creation, and who holds which incoming one. Its lock is a leaf:
 * no session is called under it.
 */
final class SessionTable {
    /** What the kernel's block chain holds: 10,000 blocks of 51. */
    private static final int MAX_SESSIONS = 510_000;

    // Guarded by this.
    private final Map<SessionName, OutgoingSessionImpl> outgoing = new LinkedHashMap<>();
    private final Map<SessionName, IncomingSessionImpl> incoming = new LinkedHashMap<>();
    private final Set<SessionName> claimed = new HashSet<>();

    synchronized void add(OutgoingSessionImpl session) throws LuoException {
        if (outgoing.size() >= MAX_SESSIONS) {
            throw LuoException.of(Errno.ENOSPC, "create session '" + session.name() + "': there are " + MAX_SESSIONS);
        }
        if (outgoing.putIfAbsent(session.name(), session) != null) {
            throw LuoException.of(Errno.EEXIST, "create session '" + session.name() + "': there is one of that name");
        }
    }

    synchronized void remove(OutgoingSessionImpl session) {
        outgoing.remove(session.name(), session);
    }

    synchronized void addAll(List<IncomingSessionImpl> arrived) {
        arrived.forEach(session -> incoming.put(session.name(), session));
    }

    /** Hands an incoming session to one caller. Undo: {@link #unclaim}, {@link #remove(IncomingSessionImpl)}. */
    IncomingSessionImpl claim(SessionName name) throws LuoException {
        return claim("retrieve", name, Errno.EINVAL);
    }

    /** As {@link #claim}, to let it go; EBUSY if somebody has it. */
    IncomingSessionImpl claimToDrop(SessionName name) throws LuoException {
        return claim("drop", name, Errno.EBUSY);
    }

    private synchronized IncomingSessionImpl claim(String what, SessionName name, Errno ifClaimed) throws LuoException {
        IncomingSessionImpl session = incoming.get(name);
        if (session == null) {
            throw LuoException.of(Errno.ENOENT, what + " session '" + name + "': no incoming session of that name");
        }
        if (!claimed.add(name)) {
            throw LuoException.of(ifClaimed, what + " session '" + name + "': retrieved already, and not closed");
        }
        return session;
    }

    synchronized void unclaim(IncomingSessionImpl session) {
        if (incoming.get(session.name()) == session) {
            claimed.remove(session.name());
        }
    }

    synchronized void remove(IncomingSessionImpl session) {
        if (incoming.remove(session.name(), session)) {
            claimed.remove(session.name());
        }
    }

    synchronized boolean isClaimed(IncomingSessionImpl session) {
        return claimed.contains(session.name());
    }

    /** The incoming sessions that nobody holds. */
    synchronized List<IncomingSessionImpl> unclaimed() {
        return incoming.values().stream()
                .filter(session -> !claimed.contains(session.name()))
                .toList();
    }

    /** @throws LuoException ENOENT if there is none of that name */
    synchronized OutgoingSessionImpl outgoing(SessionName name) throws LuoException {
        OutgoingSessionImpl session = outgoing.get(name);
        if (session == null) {
            throw LuoException.of(Errno.ENOENT, "no outgoing session '" + name + "'");
        }
        return session;
    }

    /** The file for which the orchestrator keeps this very fd, or null. */
    Object holder(int fd) {
        Stream<Object> outgoing = outgoing().stream().map(session -> session.holder(fd));
        Stream<Object> incoming = incoming().stream().map(session -> session.holder(fd));
        return Stream.concat(outgoing, incoming)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    synchronized List<OutgoingSessionImpl> outgoing() {
        return List.copyOf(outgoing.values());
    }

    synchronized List<IncomingSessionImpl> incoming() {
        return List.copyOf(incoming.values());
    }
}
