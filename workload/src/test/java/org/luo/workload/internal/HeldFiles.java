// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luo.CallbackInfo;
import org.luo.Compatible;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.FlbInfo;
import org.luo.HandlerInfo;
import org.luo.HandlerVerdict;
import org.luo.IncomingSession;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.RejectedPlugin;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.Statistics;
import org.luo.SubsystemInfo;
import org.luo.Token;
import org.luo.UpdateReport;
import org.luo.linux.Fds;

/** An orchestrator that holds fds and does nothing else: what was outgoing is incoming after {@link #update}. */
final class HeldFiles implements Orchestrator {
    final Map<SessionName, Map<Token, Integer>> held = new LinkedHashMap<>();
    private Direction direction = Direction.OUTGOING;

    /** Refuses whatever comes after so many files. */
    int most = Integer.MAX_VALUE;

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
            if (held.values().stream().mapToInt(Map::size).sum() == most) {
                throw LuoException.of(Errno.ENOSPC, "full");
            }
            held.get(name).put(token, Fds.duplicate(fd));
        }

        @Override
        public void unpreserve(Token token) {
            Fds.close(held.get(name).remove(token));
        }

        @Override
        public void close() {
            if (direction == Direction.OUTGOING) {
                held.remove(name).values().forEach(Fds::close);
            }
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
            Integer fd = held.get(name).get(token);
            if (fd == null) {
                throw LuoException.of(Errno.ENOENT, "retrieve " + token);
            }
            return Fds.duplicate(fd);
        }

        @Override
        public void finish() {
            held.get(name).values().forEach(Fds::close);
            held.get(name).clear();
        }

        @Override
        public void close() {
            held.remove(name);
        }
    }

    @Override
    public OutgoingSession createSession(SessionName name) throws LuoException {
        if (held.putIfAbsent(name, new LinkedHashMap<>()) != null) {
            throw LuoException.of(Errno.EEXIST, "create " + name);
        }
        return new Outgoing(name);
    }

    @Override
    public IncomingSession retrieveSession(SessionName name) throws LuoException {
        if (direction == Direction.OUTGOING || !held.containsKey(name)) {
            throw LuoException.of(Errno.ENOENT, "retrieve " + name);
        }
        return new Incoming(name);
    }

    @Override
    public UpdateReport update(String kind, Map<String, String> options) {
        direction = Direction.INCOMING;
        return new UpdateReport(kind, 1, 1, 2, held.size(), 0, 0, 0, List.of());
    }

    @Override
    public LiveUpdateState state() {
        return LiveUpdateState.NORMAL;
    }

    @Override
    public void prepare() {
        // nothing to prepare
    }

    @Override
    public void freeze() {
        // nothing to freeze
    }

    @Override
    public void cancel() {
        // nothing to cancel
    }

    @Override
    public void finish() {
        // nothing to finish
    }

    @Override
    public void checkSuccessor(String kind, Map<String, String> options) {
        // any will do
    }

    @Override
    public List<HandlerVerdict> check(int fd) {
        return List.of();
    }

    @Override
    public void unpreserve(SessionName session, Token token) {
        Fds.close(held.get(session).remove(token));
    }

    @Override
    public void drop(SessionName session) {
        held.remove(session).values().forEach(Fds::close);
    }

    @Override
    public int adoptBundle(String from, String to) {
        return 0;
    }

    @Override
    public int adopt(Compatible from, HandlerInfo to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Statistics statistics() {
        return new Statistics(0, 0, 0, List.of());
    }

    @Override
    public List<SubsystemInfo> subsystems() {
        return List.of();
    }

    @Override
    public List<SessionInfo> sessions() {
        return List.of();
    }

    @Override
    public List<FileInfo> files() {
        List<FileInfo> files = new ArrayList<>();
        held.forEach((session, tokens) -> tokens.keySet()
                .forEach(token -> files.add(new FileInfo(
                        session, direction, token, Compatible.of("x"), FileInfo.Phase.PRESERVED, 0, 0, "", 0))));
        return files;
    }

    @Override
    public List<RejectedPlugin> rejected() {
        return List.of();
    }

    @Override
    public List<HandlerInfo> handlers() {
        return List.of();
    }

    @Override
    public List<CallbackInfo> callbacks() {
        return List.of();
    }

    @Override
    public List<FlbInfo> flbs() {
        return List.of();
    }

    @Override
    public long liveUpdates() {
        return 0;
    }
}
