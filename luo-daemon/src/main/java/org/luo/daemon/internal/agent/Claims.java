// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal.agent;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.linux.Fds;
import org.luo.linux.Peer;

/**
 * The sessions that came over for subscribers, and whose they are. Once claimed, an fd of the session is kept here until
 * the session is finished, so that neither a lost answer nor the claimant's death ends it.
 *
 * <p>Thread-safe. The lock is a leaf but for sending: an fd is sent under it, or it might be another file's by then.
 */
final class Claims {
    private static final int NONE = -1;

    /**
     * Whose a session is.
     *
     * @param name the session's name
     * @param uid the user who subscribed, and may claim
     */
    record Owner(SessionName name, int uid) {}

    /** A session that came over. */
    private static final class Claim {
        private final Owner owner;
        private ClaimedSession session;
        private int fd = NONE;

        private Claim(Owner owner) {
            this.owner = owner;
        }
    }

    private final Map<SessionName, Claim> claims = new LinkedHashMap<>(); // guarded by this

    synchronized void add(List<Owner> owners) {
        owners.forEach(owner -> claims.putIfAbsent(owner.name(), new Claim(owner)));
    }

    synchronized List<Owner> owners() {
        return claims.values().stream().map(claim -> claim.owner).toList();
    }

    /** @throws LuoException EPERM if the name is that of somebody else's session */
    synchronized void refuseStranger(SessionName name, Peer peer) throws LuoException {
        Claim claim = claims.get(name);
        if (claim != null && peer.uid() != claim.owner.uid() && peer.uid() != 0) {
            throw LuoException.of(Errno.EPERM, "session '" + name + "' came over for another user than " + peer.uid());
        }
    }

    /**
     * Retrieves a session for its owner, unless it has been, and sends it. Used by one thread.
     *
     * @throws LuoException ENOENT · EPERM · what retrieving says
     */
    void claim(SessionName name, Connection connection, Sessions sessions, byte[] answer) throws LuoException {
        refuseStranger(name, connection.peer());
        Claim claim = find(name);
        if (claim.session == null) {
            claim.session = retrieve(claim, sessions);
        }
        if (!isKept(claim)) {
            keep(claim, sessions.fd(claim.session));
        }
        synchronized (this) {
            if (claim.fd == NONE) {
                throw LuoException.of(Errno.ENOENT, "claim session '" + name + "': it has just been finished");
            }
            connection.send(answer, claim.fd);
        }
    }

    private ClaimedSession retrieve(Claim claim, Sessions sessions) throws LuoException {
        try {
            return new ClaimedSession(sessions.retrieve(claim.owner.name()), () -> release(claim));
        } catch (LuoException.NotFound e) {
            release(claim);
            throw e;
        }
    }

    private synchronized Claim find(SessionName name) throws LuoException {
        Claim claim = claims.get(name);
        if (claim == null) {
            throw LuoException.of(Errno.ENOENT, "claim session '" + name + "': none came over for a subscriber");
        }
        return claim;
    }

    private synchronized boolean isKept(Claim claim) {
        return claim.fd != NONE;
    }

    private synchronized void keep(Claim claim, int fd) {
        claim.fd = fd;
    }

    /**
     * Lets go of a session that has been claimed: it ends with the last fd that clients have.
     *
     * @throws LuoException ENOENT · EPERM · EINVAL if it has not been claimed
     */
    void release(SessionName name, Peer peer) throws LuoException {
        refuseStranger(name, peer);
        Claim claim = find(name);
        if (!isKept(claim)) {
            throw LuoException.of(Errno.EINVAL, "release session '" + name + "': it has not been claimed");
        }
        release(claim);
    }

    private synchronized void release(Claim claim) {
        claims.remove(claim.owner.name(), claim);
        close(claim);
    }

    /** Forgets those that are gone: finished, or dropped. */
    synchronized void retain(Set<SessionName> present) {
        for (Iterator<Claim> all = claims.values().iterator(); all.hasNext(); ) {
            Claim claim = all.next();
            if (!present.contains(claim.owner.name())) {
                close(claim);
                all.remove();
            }
        }
    }

    /** Closes the fds. */
    synchronized void close() {
        claims.values().forEach(Claims::close);
        claims.clear();
    }

    private static void close(Claim claim) {
        if (claim.fd != NONE) {
            Fds.close(claim.fd);
            claim.fd = NONE;
        }
    }
}
