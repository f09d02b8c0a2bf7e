// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.kernel.Identified.Kind;
import org.luo.linux.Fds;
import org.luo.linux.Peer;
import org.luo.linux.UnixSocket;

/**
 * An agent that has the device, such as luo-agent: it asks its subscribers when it is about to boot another kernel, and
 * keeps their sessions until then. So no session is created at a time of our choosing: we subscribe and wait to be asked.
 *
 * @see <a href="../../../../../../../../docs/agent.md">what it speaks</a>
 */
final class AgentSocket implements Way {
    /** Where the public luo-agent listens. */
    static final Path USUAL = Path.of("/run/luod/liveupdate.sock");

    private final Path path;
    private final Path ours;
    private final Duration patience;
    private final Identified.By by;

    /** By the fd of the session they are about. Guarded by this. */
    private final Map<Integer, AgentConversation> conversations = new HashMap<>();

    /**
     * @param path where it listens
     * @param ours where this platform's own agent does, or null
     * @param patience how long to wait for its answers, and to be asked
     * @param by checks the sessions that it gives
     */
    AgentSocket(Path path, Path ours, Duration patience, Identified.By by) {
        this.path = path;
        this.ours = ours;
        this.patience = patience;
        this.by = by;
    }

    @Override
    public String name() {
        return "by the agent at " + path;
    }

    @Override
    public void require(boolean creating) throws NotThisWay {
        if (path.equals(ours)) {
            throw new NotThisWay("the agent at " + path + " is this platform's own");
        }
        if (!Files.exists(path)) {
            throw new NotThisWay("no agent listens at " + path);
        }
        try {
            connect().close();
        } catch (LuoException e) {
            throw new NotThisWay("the agent at " + path + " can't be asked: " + e.getMessage());
        }
    }

    /** Whoever can listen there gets to keep everything, so it must be somebody who could take it anyway. */
    private AgentConversation connect() throws LuoException {
        UnixSocket socket = UnixSocket.connect(UnixSocket.Type.STREAM, path);
        try {
            Peer peer = socket.peer();
            if (peer.uid() != 0 && peer.uid() != user()) {
                throw LuoException.of(Errno.EPERM, "it is user " + peer.uid() + "'s");
            }
            socket.setSendTimeout(patience.toMillis());
            return new AgentConversation(socket, "the agent at " + path);
        } catch (LuoException e) {
            socket.close();
            throw e;
        }
    }

    private static int user() throws LuoException {
        try (UnixSocket.Pair pair = UnixSocket.pair(UnixSocket.Type.STREAM)) {
            return pair.one().peer().uid();
        }
    }

    @Override
    public boolean canAsk() {
        return false;
    }

    @Override
    public boolean bootsElsewhere() {
        return true;
    }

    @Override
    public synchronized int createSession(String name) throws LuoException {
        AgentConversation conversation = connect();
        try {
            conversation.say("{\"cmd\":\"SUBSCRIBE\",\"id\":\"" + name + "\"}");
            int fd = conversation.await(patience, "START_PRESERVATION", "PRESERVATION_REQUEST");
            require(fd, Kind.OUTGOING);
            conversations.put(fd, conversation);
            return fd;
        } catch (LuoException e) {
            conversation.close();
            throw e.errno() == Errno.ETIMEDOUT ? notAsked(e) : e;
        }
    }

    private LuoException notAsked(LuoException e) {
        return LuoException.of(
                Errno.ETIMEDOUT,
                "live update: " + name() + ", which has not begun one within " + patience.toSeconds()
                        + " s; start it there while this waits",
                e);
    }

    @Override
    public int retrieveSession(String name) throws LuoException {
        try (AgentConversation conversation = connect()) {
            conversation.say("{\"cmd\":\"CLAIM\",\"id\":\"" + name + "\"}");
            int fd = conversation.await(patience, "CLAIMED", "CLAIM");
            require(fd, Kind.INCOMING);
            return fd;
        }
    }

    /** The fd is closed if it is something else. */
    private void require(int fd, Kind kind) throws LuoException {
        try {
            Identified found = by.of(fd);
            if (found.kind() != kind) {
                throw LuoException.of(Errno.EINVAL, found + ", not " + kind);
            }
        } catch (LuoException e) {
            Fds.close(fd);
            throw LuoException.of(e.errno(), "the agent at " + path + " has given no session: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized OptionalLong handOn(int session) throws LuoException {
        AgentConversation conversation = conversations.get(session);
        conversation.say("{\"cmd\":\"READY\"}");
        return OptionalLong.of(conversation.pid());
    }

    /** Without READY the agent takes it for a no. */
    @Override
    public synchronized void closed(int session) {
        AgentConversation conversation = conversations.remove(session);
        if (conversation != null) {
            conversation.close();
        }
    }
}
