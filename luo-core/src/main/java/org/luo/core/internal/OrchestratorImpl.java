// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.luo.CallbackInfo;
import org.luo.Compatible;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.FlbInfo;
import org.luo.HandlerInfo;
import org.luo.HandlerVerdict;
import org.luo.IncomingSession;
import org.luo.LiveUpdateEvent.Type;
import org.luo.LiveUpdateState;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.PluginStatus;
import org.luo.RejectedPlugin;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.Statistics;
import org.luo.SubsystemInfo;
import org.luo.Token;
import org.luo.UpdateReport;
import org.luo.handover.Handover;
import org.luo.spi.FileHandler;

/** The service that applications see. */
public final class OrchestratorImpl implements Orchestrator {
    private final Core core;
    private final Function<String, Handover> handovers;

    /** @param handovers finds a handover by kind, or null */
    public OrchestratorImpl(Core core, Function<String, Handover> handovers) {
        this.core = core;
        this.handovers = handovers;
    }

    @Override
    public OutgoingSession createSession(SessionName name) throws LuoException {
        core.gate().enter();
        try {
            OutgoingSessionImpl session = new OutgoingSessionImpl(name, core);
            core.sessions().add(session);
            core.events().tell(Type.SESSION_CREATED, name);
            return session;
        } finally {
            core.gate().leave();
        }
    }

    @Override
    public IncomingSession retrieveSession(SessionName name) throws LuoException {
        core.gate().enter();
        try {
            IncomingSessionImpl session = core.sessions().claim(name);
            core.events().tell(Type.SESSION_RETRIEVED, name);
            return new IncomingClaim(session);
        } finally {
            core.gate().leave();
        }
    }

    @Override
    public UpdateReport update(String kind, Map<String, String> options) throws LuoException {
        Handover handover = handover(kind);
        return core.states().update(kind, handover::giveUp, () -> {
            UpdateReport report = Callbacks.contained(
                    "handover " + kind, "handOver", () -> handover.handOver(core.outgoing(), options));
            if (!core.gate().isRelinquished()) {
                throw LuoException.of(Errno.EIO, "handover " + kind + " returned without having handed over");
            }
            return report;
        });
    }

    private Handover handover(String kind) throws LuoException {
        Handover handover = handovers.apply(kind);
        if (handover == null) {
            throw LuoException.of(Errno.EOPNOTSUPP, "live update: there is no handover '" + kind + "'");
        }
        return handover;
    }

    @Override
    public void checkSuccessor(String kind, Map<String, String> options) throws LuoException {
        Handover handover = handover(kind);
        core.states()
                .check(
                        handover::giveUp,
                        () -> Callbacks.contained("handover " + kind, "check", () -> {
                            handover.check(core.outgoing(), options);
                            return handover;
                        }));
    }

    @Override
    public List<HandlerVerdict> check(int fd) throws LuoException {
        core.gate().enter();
        try {
            return core.preserver().check(fd);
        } finally {
            core.gate().leave();
        }
    }

    @Override
    public void unpreserve(SessionName session, Token token) throws LuoException {
        OutgoingSessionImpl found;
        core.gate().enter();
        try {
            found = core.sessions().outgoing(session);
        } finally {
            core.gate().leave();
        }
        found.unpreserve(token);
    }

    @Override
    public void drop(SessionName name) throws LuoException {
        IncomingSessionImpl session;
        core.gate().enter();
        try {
            session = core.sessions().claimToDrop(name);
        } finally {
            core.gate().leave();
        }
        int files = session.size();
        session.close();
        core.events().tell(Type.SESSION_DROPPED, name, "files", files);
    }

    @Override
    public int adopt(Compatible from, HandlerInfo to) throws LuoException {
        return core.adopter().adopt(from, to);
    }

    @Override
    public int adoptBundle(String from, String to) throws LuoException {
        return core.adopter().adoptBundle(from, to);
    }

    @Override
    public Statistics statistics() {
        return core.states().tally().statistics();
    }

    @Override
    public LiveUpdateState state() {
        return core.states().state();
    }

    @Override
    public void prepare() throws LuoException {
        core.states().prepare();
    }

    @Override
    public void freeze() throws LuoException {
        core.states().freeze();
    }

    @Override
    public void cancel() throws LuoException {
        core.states().cancel();
    }

    @Override
    public void finish() throws LuoException {
        core.states().finish();
    }

    @Override
    public List<SubsystemInfo> subsystems() {
        return core.subsystems().infos();
    }

    @Override
    public List<SessionInfo> sessions() {
        List<SessionInfo> infos = new ArrayList<>();
        for (OutgoingSessionImpl session : core.sessions().outgoing()) {
            infos.add(new SessionInfo(session.name(), Direction.OUTGOING, session.size(), true, 0));
        }
        for (IncomingSessionImpl session : core.sessions().incoming()) {
            boolean claimed = core.sessions().isClaimed(session);
            infos.add(new SessionInfo(session.name(), Direction.INCOMING, session.size(), claimed, session.carried()));
        }
        return infos;
    }

    @Override
    public List<FileInfo> files() {
        return core.fileInfos();
    }

    @Override
    public List<HandlerInfo> handlers() {
        List<HandlerInfo> infos = new ArrayList<>();
        for (Slot<FileHandler> slot : core.handlers().slots()) {
            Registration<FileHandler> current = slot.current();
            if (current != null) {
                infos.add(info(current, slot.users(), PluginStatus.ACTIVE));
            } else if (slot.users() > 0) {
                infos.add(new HandlerInfo(
                        slot.compatible(), List.of(), List.of(), "", slot.users(), PluginStatus.ORPHANED));
            }
        }
        core.handlers().rejected().forEach(rejected -> infos.add(info(rejected, 0, PluginStatus.REJECTED)));
        return infos;
    }

    private static HandlerInfo info(Registration<FileHandler> handler, int files, PluginStatus status) {
        return new HandlerInfo(
                handler.compatible(),
                handler.reads(),
                handler.flbs(),
                handler.owner().name(),
                files,
                status);
    }

    @Override
    public List<CallbackInfo> callbacks() {
        return core.watchdog().callbacks();
    }

    @Override
    public List<FlbInfo> flbs() {
        return core.flbTable().infos();
    }

    @Override
    public List<RejectedPlugin> rejected() {
        return Stream.of(
                        core.handlers().refusals(),
                        core.flbs().refusals(),
                        core.subsystems().refusals())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public long liveUpdates() {
        return core.liveUpdates();
    }
}
