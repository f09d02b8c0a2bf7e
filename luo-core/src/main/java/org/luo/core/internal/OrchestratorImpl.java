// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.luo.Direction;
import org.luo.Errno;
import org.luo.FileInfo;
import org.luo.FlbInfo;
import org.luo.HandlerInfo;
import org.luo.IncomingSession;
import org.luo.LuoException;
import org.luo.Orchestrator;
import org.luo.OutgoingSession;
import org.luo.PluginStatus;
import org.luo.SessionInfo;
import org.luo.SessionName;
import org.luo.UpdateReport;
import org.luo.handover.Handover;
import org.luo.spi.FileHandler;

/** The service that applications see. */
public final class OrchestratorImpl implements Orchestrator {
    private final Core core;
    private final Function<String, Handover> handovers;
    private final AtomicBoolean updating = new AtomicBoolean();

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
            return session;
        } finally {
            core.gate().leave();
        }
    }

    @Override
    public IncomingSession retrieveSession(SessionName name) throws LuoException {
        core.gate().enter();
        try {
            return new IncomingClaim(core.sessions().claim(name));
        } finally {
            core.gate().leave();
        }
    }

    @Override
    public UpdateReport update(String kind, Map<String, String> options) throws LuoException {
        Handover handover = handovers.apply(kind);
        if (handover == null) {
            throw LuoException.of(Errno.EOPNOTSUPP, "live update: there is no handover '" + kind + "'");
        }
        if (!updating.compareAndSet(false, true)) {
            throw LuoException.of(Errno.EBUSY, "live update: one is under way");
        }
        try {
            core.gate().requireOutside();
            UpdateReport report = Callbacks.failing(
                    "handover " + kind, "handOver", () -> handover.handOver(core.outgoing(), options));
            if (!core.gate().isRelinquished()) {
                throw LuoException.of(Errno.EIO, "handover " + kind + " returned without having handed over");
            }
            return report;
        } finally {
            try {
                core.departure().unfreezeForgotten();
            } finally {
                updating.set(false);
            }
        }
    }

    @Override
    public List<SessionInfo> sessions() {
        List<SessionInfo> infos = new ArrayList<>();
        for (OutgoingSessionImpl session : core.sessions().outgoing()) {
            infos.add(new SessionInfo(session.name(), Direction.OUTGOING, session.size(), true));
        }
        for (IncomingSessionImpl session : core.sessions().incoming()) {
            boolean claimed = core.sessions().isClaimed(session);
            infos.add(new SessionInfo(session.name(), Direction.INCOMING, session.size(), claimed));
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
    public List<FlbInfo> flbs() {
        return core.flbTable().infos();
    }

    @Override
    public long liveUpdates() {
        return core.liveUpdates();
    }
}
